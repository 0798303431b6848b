import CBOR
import Merge
import SyncProtocol

/// A note on a shared file.
public struct Note: Sendable {
  public let id: RecordID
  public let share: RecordID
  public let author: AccountID
  public let timeMilliseconds: UInt64
  /// `nil` where it cannot be opened.
  public let text: String?
  /// Whether the server has it.
  public let isSent: Bool
}

extension Replica {
  /// Writes a note on a shared file. Works offline.
  ///
  /// - Throws: ``AccessDenial`` where the client has not allowed notes, or no longer.
  @discardableResult
  public func addNote(_ text: String, to item: ShareItem) throws -> RecordID {
    guard !text.isEmpty else { throw ReplicaError.badInput("the note is empty") }
    let id = TimeOrderedID.make(RecordID.self, environment)
    try audited(.note, item.id, in: item.space) { noteGranted in
      let share = try allowedShare(item, .addNotes)
      try transaction {
        try write(
          Draft([
            Draft.Change(
              .create, "note", id,
              [
                Draft.Write("share", .bytes(share.id.bytes)), Draft.Write("text", .text(text)),
              ])
          ]), in: share.space)
        try noteGranted()
      }
    }
    return id
  }

  /// The notes on a shared file, oldest first.
  public func notes(on item: ShareItem) throws -> [Note] {
    _ = try unlockedKeys()
    return try shownRecords("note", in: item.space)
      .filter { $0.value("share")?.bytes == item.id.bytes }
      .compactMap { try note($0, on: item) }
      .sorted { ($0.timeMilliseconds, $0.id) < ($1.timeMilliseconds, $1.id) }
  }

  private func note(_ record: ShownRecord, on item: ShareItem) throws -> Note? {
    let state = try store.state(item.space)
    guard let signer = try signer(at: record.created, in: item.space) else { return nil }
    let author =
      signer == identity.device ? identity.account : state.devices[signer]?.account
    guard let author else { return nil }
    var text: String?
    do {
      text = try openText(record, "text")
    } catch ReplicaError.cannotOpen {
      // Shown without its text, so that the others are shown at all.
    }
    return Note(
      id: record.id, share: item.id, author: author,
      timeMilliseconds: try time(of: record.created, in: item.space).milliseconds, text: text,
      isSent: record.created.pendingSequence == nil)
  }
}
