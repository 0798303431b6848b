/// What is wrong with a schema file, where, and what to do about it.
public struct SchemaProblem: Error, Hashable, Sendable {
  /// The file's name.
  public let file: String
  /// Where in the file, as a JSON pointer (RFC 6901); empty for the whole of it.
  public let pointer: String
  public let what: String
  /// What to do.
  public let advice: String

  init(_ file: String, _ keys: [String], _ what: String, _ advice: String) {
    self.file = file
    pointer = keys.map { "/" + $0 }.joined()
    self.what = what
    self.advice = advice
  }

  /// What the loader refuses: "what; advice" in its words.
  init(_ error: SchemaError) {
    // `transitions[2].to` has the keys `transitions`, `2` and `to`.
    let keys = error.path.replacing("]", with: "").replacing("[", with: ".").split(separator: ".")
    let parts = "\(error.reason)".split(separator: "; ", maxSplits: 1)
    self.init(
      error.file, keys.map(String.init), parts.first.map(String.init) ?? "",
      parts.count > 1 ? String(parts[1]) : "correct the value")
  }
}

extension SchemaProblem: CustomStringConvertible {
  public var description: String { "\(file)\(pointer.isEmpty ? "" : "#" + pointer): \(what)" }
}
