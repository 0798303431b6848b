import Merge

/// Where the files and folders of a vault lie in an exported folder: the same tree, with names that
/// any file system takes and no terminal acts on.
///
/// A pure function of the tree, so that a second export finds what the first one wrote.
struct ExportNames {
  /// Bytes of a name on Linux's file systems.
  static let byteCountMax = 255

  private let paths: [RecordID: String]

  /// - Parameters:
  ///   - suffix: what every file's name gets at its end.
  ///   - reserved: a name at the top that is kept free.
  init(_ tree: VaultTree, suffix: String, reserved: String) {
    var paths: [RecordID: String] = [:]
    func place(_ folder: RecordID?, below base: String, _ taken: Set<String>) {
      var taken = taken
      for entry in tree.children(of: folder) {
        let suffix = entry.kind == .file ? suffix : ""
        let name = Self.free(entry.name, suffix: suffix, taken)
        taken.insert(name)
        paths[entry.id] = base + name
        if entry.kind == .folder { place(entry.id, below: "\(base)\(name)/", []) }
      }
    }
    place(nil, below: "", [reserved])
    self.paths = paths
  }

  /// Relative to the exported folder.
  func path(of entry: VaultTree.Entry) -> String {
    guard let path = paths[entry.id] else { preconditionFailure("every entry has a path") }
    return path
  }

  private static func free(_ name: String, suffix: String, _ taken: Set<String>) -> String {
    let name = VaultName(plain(name)).safe
    var number = 1
    while true {
      let mark = number == 1 ? "" : " (\(number))"
      let candidate = fitted(name.text, mark: mark, suffix: suffix)
      if !taken.contains(candidate) { return candidate }
      number += 1
    }
  }

  /// Without control characters.
  private static func plain(_ name: String) -> String {
    String(
      String.UnicodeScalarView(
        name.unicodeScalars.map { scalar in
          scalar.properties.generalCategory == .control ? "_" : scalar
        }))
  }

  /// The name with the mark before its extension and the suffix behind it, cut so that all fits.
  private static func fitted(_ name: String, mark: String, suffix: String) -> String {
    let dot = name.utf8.lastIndex(of: 0x2e).flatMap { $0 == name.startIndex ? nil : $0 }
    let fileExtension = dot.map { String(name[$0...]) } ?? ""
    // What is long behind a dot is a part of a sentence.
    let tail = (fileExtension.utf8.count <= 16 ? mark + fileExtension : mark) + suffix
    var stem = fileExtension.utf8.count <= 16 ? String(name[..<(dot ?? name.endIndex)]) : name
    while stem.utf8.count + tail.utf8.count > byteCountMax { stem.removeLast() }
    return stem + tail
  }
}
