import CommandSupport
import Foundation
import Testing

/// A home and a server are checked, damaged, found out, and put right.
@Suite(.clinic, .serialized) struct CheckTests {
  private let manager = FileManager.default

  /// The only blob below a folder.
  private func blob(below folder: String) throws -> String {
    let names = try #require(manager.enumerator(atPath: folder)).compactMap { $0 as? String }
    let file = try #require(names.first { $0.split(separator: "/").last?.count ?? 0 >= 64 })
    return "\(folder)/\(file)"
  }

  @Test func aDamagedBlobIsFoundAndFetchedAgain() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann", "client")
    try ann.does("vault", "add", clinic.stage.file("letter.txt", "Dear Ann"))
    try ann.does("sync")
    let well = try ann.does("check")
    #expect(well.hasSuffix("all is well"))
    #expect(well.contains("digests: "))

    let path = try blob(below: "\(ann.home)/blobs")
    let bytes = try Data(contentsOf: URL(filePath: path))
    try Data(repeating: 0, count: bytes.count).write(to: URL(filePath: path))
    let damaged = try ann.run("check", "--offline", expecting: 1)
    #expect(damaged.out.contains("blobs: 1, 1 wrong"))
    #expect(damaged.err.contains("hint: satchel check --repair"))
    let json = try ann.run("check", "--json", "--offline", expecting: 1)
    #expect(json.out.contains(#""part": "blobs""#))
    let repaired = try ann.does("check", "--repair")
    #expect(repaired.contains("repaired: dropped 1 damaged blobs"))
    #expect(repaired.hasSuffix("all is well"))
    try ann.does("sync")
    #expect(try ann.does("vault", "cat", "letter.txt") == "Dear Ann")
  }

  @Test func aServerIsCheckedWhileItIsStopped() throws {
    // Its own, because it is stopped and damaged.
    let clinic = try Clinic()
    let result = Result { try checkServer(of: clinic) }
    try clinic.stage.close()
    try result.get()
  }

  private func checkServer(of clinic: Clinic) throws {
    let stage = clinic.stage
    let data = stage.folder.appending(path: "server").path
    let ann = try clinic.newcomer("Ann", "client")
    try ann.does("vault", "add", stage.file("letter.txt", "Dear Ann"))
    try ann.does("sync")
    let busy = try stage.runServer("check", "--data", data)
    #expect(busy.exit == 1 && busy.err.contains("another process serves"))
    try clinic.server.stop()
    let well = try stage.runServer("check", "--data", data)
    #expect(well.exit == 0 && well.line.hasSuffix("all is well"), "\(well.transcript)")

    let path = try blob(below: "\(data)/blobs")
    try manager.removeItem(atPath: path)
    let damaged = try stage.runServer("check", "--repair", "--json", "--data", data)
    #expect(damaged.exit == 1, "\(damaged.transcript)")
    #expect(damaged.out.contains("is listed and not here"))
    #expect(damaged.err.contains("hint: restore a backup"))
  }
}
