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
      if try Data(contentsOf: URL(filePath: whole)).range(of: word) != nil { found.append(path) }
    }
    return found
  }
}
