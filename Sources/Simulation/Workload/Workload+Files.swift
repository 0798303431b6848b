import Database
import Foundation
import Merge
import Replica

extension Action {
  static let files: [Action] = [
    Action("addFile", weight: 3, for: clients) { try $0.addFile($1) },
    Action("moveFile", weight: 1, for: clients) { try $0.moveFile($1) },
    Action("removeFile", weight: 1, for: clients) { try $0.removeFile($1) },
    Action("removeForever", weight: 1, for: clients) { try $0.removeForever($1) },
    Action("share", weight: 4, for: clients) { try $0.share($1) },
    Action("revoke", weight: 2, for: clients) { try $0.revoke($1) },
    Action("note", weight: 4, for: practitioners) { try $0.note($1) },
    Action("readShare", weight: 3, for: practitioners) { try $0.readShare($1) },
    Action("noteBack", weight: 1, for: clients) { try $0.noteBack($1) },
    Action("editNote", weight: 1, for: bothSides) { try $0.editNote($1) },
    Action("editProfile", weight: 1, for: bothSides) { try $0.editProfile($1) },
  ]
}

extension Workload {
  private static let names = ["report.txt", "scan.bin", "letter.md"]

  mutating func addFile(_ party: Party) throws -> String {
    let name = generator.pick(Self.names)
    let folder = "\(world.folder.path)/disk"
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/\(name)"
    let content = text() + String(repeating: ".", count: generator.below(3000))
    try Data(content.utf8).write(to: URL(filePath: path))
    // What the vault keeps of a file's time must be the run's, not the machine's.
    let now = Date(timeIntervalSince1970: Double(world.clock.now / 1000))
    try FileManager.default.setAttributes([.modificationDate: now], ofItemAtPath: path)
    let report = try party.replica.addToVault([path], into: generator.pick([nil, "docs"]))
    if let problem = report.problems.first { throw problem.error }
    return name
  }

  mutating func moveFile(_ party: Party) throws -> String {
    guard let path = try pickFile(party) else { return "" }
    let name = generator.pick(Self.names)
    return try party.replica.moveInVault(path, to: generator.pick([name, "docs/", "docs/\(name)"]))
  }

  mutating func removeFile(_ party: Party) throws -> String {
    guard let path = try pickFile(party) else { return "" }
    _ = try party.replica.removeFromVault(path)
    return path
  }

  /// With the keys and bytes of all versions.
  mutating func removeForever(_ party: Party) throws -> String {
    guard let path = try pickFile(party) else { return "" }
    let done = try party.replica.removeFromVault(path, forever: true)
    return "\(path) with \(done.shareCount) shares"
  }

  mutating func share(_ party: Party) throws -> String {
    guard let path = try pickFile(party) else { return try addFile(party) }
    let permissions: [Permission] = generator.pick([[.downloadFiles, .addNotes], [.addNotes], []])
    let people = Set(try party.replica.assignments().map(\.practitioner)).sorted()
    guard !people.isEmpty else { return "" }
    let end = generator.oneIn(6) ? party.clock.now + 7_200_000 : nil
    _ = try party.replica.share(
      path, with: generator.pick(people), untilMilliseconds: end, permissions: permissions)
    return path
  }

  mutating func revoke(_ party: Party) throws -> String {
    let shares = try party.replica.sharesGiven().filter { $0.status == .active }
    guard !shares.isEmpty else { return "" }
    let share = generator.pick(shares)
    let tree = try party.replica.vaultTree()
    let path = tree.path(of: share.file)
    guard !path.isEmpty else { return "" }
    return "\(try party.replica.revoke(path, from: share.practitioner).count) shares"
  }

  mutating func note(_ party: Party) throws -> String {
    guard let share = try pickReceived(party) else { return "" }
    _ = try party.replica.addNote(text(), to: share)
    return share.name.replacing(CanaryChecker.canary, with: "")
  }

  /// The client's own note on what was shared.
  mutating func noteBack(_ party: Party) throws -> String {
    let shares = try party.replica.sharesGiven().filter { $0.status == .active }
    guard !shares.isEmpty else { return "" }
    let share = generator.pick(shares)
    _ = try party.replica.addNote(text(), to: share)
    return share.shortID
  }

  /// Also other people's, which is refused.
  mutating func editNote(_ party: Party) throws -> String {
    try editSealed("note", "text", isDeletable: true, party)
  }

  mutating func editProfile(_ party: Party) throws -> String {
    try editSealed("profile", "contact", isDeletable: false, party)
  }

  private mutating func editSealed(
    _ type: String, _ key: String, isDeletable: Bool, _ party: Party
  ) throws -> String {
    let found = try party.replica.database.rows(
      "SELECT space.id, record FROM \"\(type)\" JOIN space ON space.number = space "
        + "ORDER BY record"
    ) { (SpaceID($0.blob(0)), RecordID($0.blob(1))) }
    guard !found.isEmpty, case (let space?, let record?) = generator.pick(found) else { return "" }
    let isDeletion = isDeletable && generator.oneIn(3)
    let change =
      isDeletion
      ? Draft.Change(.delete, type, record)
      : Draft.Change(.update, type, record, [.init(key, .text(text()))])
    _ = try party.replica.write(Draft([change]), in: space)
    return isDeletion ? "deleted" : "changed"
  }

  mutating func readShare(_ party: Party) throws -> String {
    guard let share = try pickReceived(party) else { return "" }
    var byteCount = 0
    try party.replica.readShared(share) { byteCount += $0.count }
    return "\(byteCount) bytes"
  }

  private mutating func pickReceived(_ party: Party) throws -> ShareItem? {
    let shares = try party.replica.sharesReceived()
    return shares.isEmpty ? nil : generator.pick(shares)
  }

  mutating func pickFile(_ party: Party) throws -> String? {
    let files = try party.replica.vaultListing(nil, recursive: true).filter { $0.kind == .file }
    return files.isEmpty ? nil : generator.pick(files).path
  }
}
