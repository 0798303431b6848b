extension Field {
  /// What is wrong with a write's value; `nil` where nothing is.
  func valueProblem(with write: FieldWrite) -> ValueProblem? {
    guard let element = write.element else { return check(write.value) }
    guard write.value.bool != nil else { return .wrongKind(expected: .boolean) }
    return checkElement(.text(element))
  }
}
