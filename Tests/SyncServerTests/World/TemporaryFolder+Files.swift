import Foundation
import TestSupport

extension TemporaryFolder {
  /// Every file below, with its bytes.
  func files() throws -> [(path: String, bytes: [UInt8])] {
    guard let names = FileManager.default.enumerator(atPath: path) else { return [] }
    var result: [(path: String, bytes: [UInt8])] = []
    for case let name as String in names {
      let file = path + "/" + name
      var isDirectory: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file, isDirectory: &isDirectory),
        !isDirectory.boolValue
      else { continue }
      result.append((name, [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))))
    }
    return result
  }

  func mode(_ name: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path + "/" + name)
    return (attributes[.posixPermissions] as? NSNumber)?.intValue ?? -1
  }
}
