import Foundation

/// Test vectors that others wrote. They lie beside the repository and are not part of it.
enum Vectors {
  /// The folder, or `nil` where there is none.
  static let folder: URL? = {
    let repository = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let named = ProcessInfo.processInfo.environment["SATCHEL_VECTORS"].map { URL(filePath: $0) }
    let folder = named ?? repository.deletingLastPathComponent().appending(path: "shared/vectors")
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: folder.path, isDirectory: &isDirectory)
    if exists && isDirectory.boolValue { return folder }
    print("notice: no test vectors at \(folder.path); tests of vectors are skipped")
    return nil
  }()

  static var isPresent: Bool { folder != nil }

  static func data(_ path: String) throws -> Data {
    guard let folder else { throw CocoaError(.fileNoSuchFile) }
    return try Data(contentsOf: folder.appending(path: path))
  }

  /// Every JSON file under a folder, in the order of their paths.
  static func jsonFiles(under path: String) throws -> [URL] {
    guard let root = folder?.appending(path: path),
      let files = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    else { throw CocoaError(.fileNoSuchFile) }
    return files.compactMap { $0 as? URL }
      .filter { $0.pathExtension == "json" }
      .sorted { $0.path < $1.path }
  }
}
