/// Takes any bytes, and stops the process where a decoder does what it must not.
struct FuzzTarget: Sendable {
  let name: String
  /// Traps where a property does not hold; refusing the bytes is always right.
  let run: @Sendable ([UInt8]) -> Void

  static let all = [
    cbor, commit, page, statement, messages, token, schema, age, armor, note, http,
  ]
}

/// What must hold of whatever was decoded.
func require(_ condition: Bool, _ property: String) {
  precondition(condition, property)
}
