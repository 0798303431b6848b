/// Paths in a schema file, as errors show them.
enum SchemaPath {
  /// Keys come from the file: they are cut and made printable.
  private static let keyLengthMax = 48

  static func join(_ path: String, key: String) -> String {
    let shown = String(
      String.UnicodeScalarView(
        key.unicodeScalars.prefix(keyLengthMax).map { scalar in
          (0x21..<0x7f).contains(scalar.value) ? scalar : "?"
        }))
    return path.isEmpty ? shown : "\(path).\(shown)"
  }

  static func join(_ path: String, index: Int) -> String { "\(path)[\(index)]" }
}
