import Foundation

/// Test vectors that others wrote. They lie beside the repository and are not part of it: tests skip
/// where they are absent.
public enum Vectors {
  /// `SATCHEL_VECTORS`, or `shared/vectors` beside the checkout.
  public static let root: URL = {
    if let path = ProcessInfo.processInfo.environment["SATCHEL_VECTORS"] {
      return URL(filePath: path)
    }
    var url = URL(filePath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.appending(path: "shared/vectors")
  }()

  /// Where the vectors were looked for, to say why a test is skipped.
  public static var notice: String { "no test vectors in \(root.path) (SATCHEL_VECTORS)" }

  public static func isPresent(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  public static func data(_ path: String) throws -> Data {
    try Data(contentsOf: root.appending(path: path))
  }

  /// Every JSON file under a folder, in the order of their paths.
  public static func jsonFiles(under path: String) throws -> [URL] {
    let folder = root.appending(path: path)
    guard let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
    else { throw CocoaError(.fileNoSuchFile) }
    return files.compactMap { $0 as? URL }
      .filter { $0.pathExtension == "json" }
      .sorted { $0.path < $1.path }
  }
}
