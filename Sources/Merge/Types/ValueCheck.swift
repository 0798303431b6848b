import CBOR

extension Field {
  /// Whether `value` may be written to the field; `nil` when it may.
  ///
  /// Null clears a field that is neither required nor guarded. A sealed field holds bytes here; what
  /// they seal is checked by ``checkUnsealed(_:)`` where it can be opened. A set is never written as
  /// a whole, see ``checkElement(_:)``.
  public func check(_ value: CBORValue) -> ValueProblem? {
    guard sealed, !kind.isSet, value != .null else { return checkUnsealed(value) }
    guard let bytes = value.bytes else { return .wrongKind(expected: .sealed) }
    return bytes.isEmpty || bytes.count > sealedByteCountMax
      ? .wrongSize(1...sealedByteCountMax) : nil
  }

  /// As ``check(_:)``, of a value before it is sealed or after it was opened.
  public func checkUnsealed(_ value: CBORValue) -> ValueProblem? {
    if kind.isSet { return .wholeSet }
    if value == .null { return required ? .missing : isGuarded ? .notClearable : nil }
    return kind.check(value, size: sizeMin...sizeMax, itemSize: itemSize)
  }

  /// Whether `element` may be added to the set, or taken out of it; `nil` when it may.
  public func checkElement(_ element: CBORValue) -> ValueProblem? {
    guard case .set(let kind) = kind else { return .notASet }
    return kind.check(element, size: itemSize, itemSize: itemSize)
  }
}

extension Field.Component {
  fileprivate func check(_ value: CBORValue?) -> ValueProblem? {
    guard let value, value != .null else { return required ? .missing : nil }
    return kind.check(value, size: sizeMin...sizeMax, itemSize: itemSize)
  }
}

extension Field.Kind {
  fileprivate var isSet: Bool { if case .set = self { true } else { false } }

  /// From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999Z: what ISO 8601 writes with four digits.
  private static let times: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

  fileprivate func check(
    _ value: CBORValue, size: ClosedRange<Int>, itemSize: ClosedRange<Int>
  ) -> ValueProblem? {
    switch self {
    case .text: Self.checkText(value, size: size)
    case .bytes: Self.checkBytes(value, size: size)
    case .account: Self.checkBytes(value, size: AccountID.byteCount...AccountID.byteCount)
    case .record: Self.checkBytes(value, size: RecordID.byteCount...RecordID.byteCount)
    case .boolean: value.bool == nil ? .wrongKind(expected: .boolean) : nil
    case .integer: Self.checkInteger(value, in: .min ... .max)
    case .time: Self.checkInteger(value, in: Self.times)
    case .enumeration(let values): Self.checkEnumeration(value, values)
    case .list(let item): item.checkList(value, size: size, itemSize: itemSize)
    case .group(let components): Self.checkGroup(value, components)
    case .set: .wholeSet
    }
  }

  private static func checkText(_ value: CBORValue, size: ClosedRange<Int>) -> ValueProblem? {
    guard let text = value.text else { return .wrongKind(expected: .text) }
    guard size.contains(text.utf8.count) else { return .wrongSize(size) }
    return text.utf8.contains(0) ? .zeroCharacter : nil
  }

  private static func checkBytes(_ value: CBORValue, size: ClosedRange<Int>) -> ValueProblem? {
    guard let bytes = value.bytes else { return .wrongKind(expected: .bytes) }
    return size.contains(bytes.count) ? nil : .wrongSize(size)
  }

  private static func checkInteger(
    _ value: CBORValue, in range: ClosedRange<Int64>
  ) -> ValueProblem? {
    guard value.kind == .unsigned || value.kind == .negative else {
      return .wrongKind(expected: .integer)
    }
    guard let integer = value.integer, range.contains(integer) else { return .outOfRange }
    return nil
  }

  private static func checkEnumeration(_ value: CBORValue, _ values: [String]) -> ValueProblem? {
    guard value.text != nil else { return .wrongKind(expected: .text) }
    // As values, not as strings: those would also be equal by canonical equivalence.
    return values.contains { .text($0) == value } ? nil : .undeclaredValue
  }

  /// `self` is the kind of the elements.
  private func checkList(
    _ value: CBORValue, size: ClosedRange<Int>, itemSize: ClosedRange<Int>
  ) -> ValueProblem? {
    guard let items = value.array else { return .wrongKind(expected: .list) }
    guard size.contains(items.count) else { return .wrongSize(size) }
    for (index, item) in items.enumerated() {
      if let problem = check(item, size: itemSize, itemSize: itemSize) {
        return .element(index, problem)
      }
    }
    return nil
  }

  private static func checkGroup(
    _ value: CBORValue, _ components: [Field.Component]
  ) -> ValueProblem? {
    guard let map = value.map else { return .wrongKind(expected: .group) }
    var present = 0
    for component in components {
      let part = map[component.name]
      if part != nil { present += 1 }
      if let problem = component.check(part) { return .component(component.name, problem) }
    }
    return present == map.count ? nil : .undeclaredComponent
  }
}
