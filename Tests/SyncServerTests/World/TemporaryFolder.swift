import Foundation

/// A directory of its own for one test; removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    var template = Array((NSTemporaryDirectory() + "/satchel-server-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch {
      print("left behind: \(path)")
    }
  }

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
