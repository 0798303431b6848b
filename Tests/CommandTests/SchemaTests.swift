import CommandSupport
import Foundation
import Testing

/// `satchel-server schema check`, as an operator types it.
@Suite struct SchemaTests {
  @Test func aFileIsCheckedAndItsProblemsAreTold() throws {
    try withStage { stage in
      let text = """
        {
          "type": "remark", "space": "casework", "concurrent_delete": "edit_wins",
          "history": "compact", "create": ["contact", "owner"], "delete": [],
          "fields": { "text": { "kind": "text", "rule": "latest", "bytes_max": 100 } }
        }
        """
      let path = try stage.file("remark.json", text)
      let wrong = try stage.runServer("schema", "check", path)
      #expect(wrong.exit == 1, "\(wrong.transcript)")
      #expect(wrong.out.hasPrefix("remark.json#/create/1: "), "\(wrong.transcript)")
      #expect(wrong.err == "error: 1 problem\n", "\(wrong.transcript)")
      let older = stage.folder.appending(path: "older")
      try FileManager.default.createDirectory(at: older, withIntermediateDirectories: false)
      let better = text.replacing(", \"owner\"", with: "")
      _ = try stage.file("remark.json", better)
      #expect(try stage.runServer("schema", "check", path).exit == 0)
      _ = try stage.file("older/remark.json", better.replacing("100", with: "200"))
      let changed = try stage.runServer(
        "schema", "check", path, "--older", older.path, "--json")
      #expect(changed.exit == 1, "\(changed.transcript)")
      #expect(changed.out.contains(#""place": "/fields/text""#), "\(changed.transcript)")
      #expect(try stage.runServer("schema", "check", older.path + "/none").exit == 1)
    }
  }
}
