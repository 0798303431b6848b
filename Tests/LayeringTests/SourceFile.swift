import Foundation

/// A Swift file of the package, line by line.
struct SourceFile {
  /// The folder below `Sources`, or `Schemas`.
  let target: String
  /// From the package's root, for messages.
  let path: String
  let lines: [String]

  init(target: String, path: String, text: String) {
    self.target = target
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Each line with its number, without what is behind `//`.
  var code: [(number: Int, text: String)] {
    lines.enumerated().map { ($0.offset + 1, Self.withoutComment($0.element)) }
  }

  /// A comment begins the line or follows a space; the `//` of an address does neither.
  private static func withoutComment(_ line: String) -> String {
    if line.drop(while: { $0 == " " }).hasPrefix("//") { return "" }
    guard let comment = line.range(of: " //") else { return line }
    return String(line[..<comment.lowerBound])
  }

  func isComment(_ number: Int) -> Bool {
    guard number >= 1, number <= lines.count else { return false }
    return lines[number - 1].drop(while: { $0 == " " }).hasPrefix("//")
  }

  func hasComment(_ number: Int) -> Bool {
    isComment(number) || lines[number - 1].contains(" //")
  }

  /// The modules that are imported, with what stands before the word.
  var imports: [(number: Int, attributes: [String], module: String)] {
    code.compactMap { number, text in
      let words = text.split(separator: " ").map(String.init)
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count,
        words[..<place].allSatisfy({ $0.hasPrefix("@") || Self.accessWords.contains($0) })
      else { return nil }
      // `import struct Foundation.Date` names the module last.
      let isKind = Self.kindWords.contains(words[place + 1])
      guard let name = isKind ? words.dropFirst(place + 2).first : words[place + 1],
        let module = name.split(separator: ".").first
      else { return nil }
      return (number, Array(words[..<place]), String(module))
    }
  }

  private static let accessWords: Set = ["public", "package", "internal", "fileprivate", "private"]
  private static let kindWords: Set = [
    "struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor",
  ]
}
