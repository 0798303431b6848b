import Foundation

/// What people write into sealed fields and files holds a word that must be nowhere on a disk: not in
/// the server's, and at rest not in a device's.
enum CanaryChecker {
  static let canary = "cAnArY"

  /// The files below a folder that hold the word, by their paths in it.
  static func findings(in folder: String) throws -> [String] {
    let word = Data(canary.utf8)
    var found: [String] = []
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder).sorted() {
      var isFolder: ObjCBool = false
      let whole = "\(folder)/\(path)"
      guard FileManager.default.fileExists(atPath: whole, isDirectory: &isFolder),
        !isFolder.boolValue
      else { continue }
      let bytes = try Data(contentsOf: URL(filePath: whole))
      if contains(word, in: bytes) { found.append(path) }
    }
    return found
  }

  /// `Data.range(of:)` takes ten times as long.
  private static func contains(_ word: Data, in bytes: Data) -> Bool {
    bytes.withUnsafeBytes { bytes in
      word.withUnsafeBytes { word in
        guard let wanted = word.baseAddress, let first = word.first else { return false }
        var rest = bytes[...]
        while rest.count >= word.count {
          let buffer = UnsafeRawBufferPointer(rebasing: rest)
          guard let start = buffer.baseAddress,
            let hit = memchr(start, Int32(first), buffer.count - word.count + 1)
          else { return false }
          if memcmp(hit, wanted, word.count) == 0 { return true }
          rest = rest.dropFirst(UnsafeRawPointer(hit) - start + 1)
        }
        return false
      }
    }
  }
}
