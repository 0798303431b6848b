extension Field {
  /// What is wrong with a write's value, in words that name no value; `nil` where nothing is.
  func problem(with write: FieldWrite) -> String? {
    if let element = write.element {
      guard write.value.bool != nil else { return "a set's element is true or false" }
      return checkElement(.text(element)).map { "\($0)" }
    }
    return check(write.value).map { "\($0)" }
  }
}
