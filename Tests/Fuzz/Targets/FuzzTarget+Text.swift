import Merge
import Schemas
import Signing
import SyncProtocol

@testable import HTTP
@testable import SyncServer

/// What people and programs write: schema files, signed notes, the targets of HTTP requests.
extension FuzzTarget {
  static let schema = FuzzTarget(name: "schema") { bytes in
    let type = attempt { () throws(SchemaError) in
      try SchemaLoader.load(file: "fuzz.json", bytes: bytes)
    }
    let spaced = attempt { () throws(SchemaError) in
      try SchemaLoader.load(file: "fuzz.json", bytes: [0x20] + bytes + [0x0a])
    }
    require(type == spaced, "white space around a schema means nothing")
    guard let type else { return }
    require(type.fields.allSatisfy { type.field($0.name) == $0 }, "each field has its own name")
    // A type alone may refer to others; together with itself it is there twice.
    let twice = attempt { () throws(SchemaError) in
      try SchemaLoader.load(files: [("a.json", bytes), ("b.json", bytes)])
    }
    require(twice == nil, "a type is declared once")
  }

  static let note = FuzzTarget(name: "note") { bytes in
    if let note = attempt({ () throws(NoteError) in try SignedNote(bytes) }) {
      require(note.encoded == bytes, "one encoding for each note")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    if let checkpoint = attempt({ () throws(NoteError) in try Checkpoint(text: text) }) {
      require(checkpoint.text == text, "one text for each checkpoint")
    }
  }

  static let http = FuzzTarget(name: "http") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if let target = RequestTarget(text) {
      require(text.hasPrefix(target.path), "the path stands as it was sent")
      require(target.query.count <= RequestTarget.queryPartCountMax, "a bounded query")
      let query = target.query.map { "\(escaped($0.name))=\(escaped($0.value))" }
      let again = RequestTarget(target.path + "?" + query.joined(separator: "&"))
      require(
        again?.query.map(\.name) == target.query.map(\.name)
          && again?.query.map(\.value) == target.query.map(\.value),
        "a query comes back from its escaped form")
    }
    for method in [Request.Method.get, .put, .post] {
      let endpoint = attempt { () throws(ErrorCode) in try Endpoint(method, text) }
      if case .blobGet(let name)? = endpoint {
        let path = Path.blob(space: name.space.hex, hash: name.hash.hex)
        require(path == text.lowercased(), "a blob's path names it")
      }
    }
  }

  private static func escaped(_ text: String) -> String {
    text.utf8.map { "%" + Hex.encode([$0]) }.joined()
  }
}
