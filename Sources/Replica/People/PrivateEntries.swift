import CBOR
import Database
import Merge
import Sealing
import SpaceStore
import SyncProtocol

/// What the devices of one account tell each other and nobody else: sealed records of the account's
/// vault. They lie in the home as well, so that they count before there is a vault, and however the
/// server deals with them.
extension Replica {
  enum EntryKind: String, CaseIterable {
    /// What a device is called; the subject is its id.
    case deviceName = "device_name"
    /// A person's keys, compared; the subject is the account.
    case verification

    /// The sealed field of the record type of the same name.
    var field: String {
      switch self {
      case .deviceName: "name"
      case .verification: "verified"
      }
    }
  }

  struct Entry {
    /// `nil` for what lies in this home only.
    let record: RecordID?
    /// Empty where the record does not tell it in the open.
    let subject: [UInt8]
    let value: CBORValue
    /// Whether it lies in this home only, and is newer than what the vault says.
    var isUnwritten = false
  }

  // MARK: Reading

  /// All that are known, from here and from other devices.
  func entries(_ kind: EntryKind) throws -> [Entry] {
    try vaultEntries(kind) + localEntries(kind)
  }

  private func localEntries(_ kind: EntryKind) throws -> [Entry] {
    let local = try unlockedKeys().local()
    return try database.rows(
      "SELECT subject, sealed, written FROM private_entry WHERE kind = ? ORDER BY subject",
      .text(kind.rawValue)
    ) { row in
      let subject = row.blob(0)
      let bytes = try SealedField.open(
        row.blob(1), key: local, associatedData: Self.context(kind, subject))
      return Entry(
        record: nil, subject: subject, value: try CBORValue(decoding: bytes),
        isUnwritten: row.integer(2) == 0)
    }
  }

  private func vaultEntries(_ kind: EntryKind) throws -> [Entry] {
    guard try store.knows(vault), let type = store.schema.type(kind.rawValue),
      let field = type.field(kind.field)
    else { return [] }
    let number = try store.number(of: vault)
    let records = try database.rows(
      "SELECT record FROM \(kind.rawValue) WHERE space = ? ORDER BY record", .integer(number)
    ) { RecordID($0.blob(0)) }
    return try records.compactMap { record in
      guard let record else { throw ReplicaError.homeDamaged("record") }
      let row = RowKey(space: number, type: type.name, record: record)
      let registers = try store.tables.shownState(row).registers
      guard let winner = registers[kind.field].flatMap({ field.winner(of: $0, in: type) }),
        let sealed = winner.value.bytes
      else { return nil }
      do {
        let value = try unseal(
          sealed, space: vault, type: type.name, record: record, key: kind.field,
          author: winner.authorship.origin.replica.device)
        let device = registers["device"]?.siblings.first?.value.bytes
        return value.flatMap { Self.opened($0, kind) }.map {
          Entry(record: record, subject: device ?? [], value: $0)
        }
      } catch ReplicaError.cannotOpen {
        return nil
      }
    }
  }

  /// What a record's field holds is a name as text, a verification as bytes.
  private static func opened(_ value: CBORValue, _ kind: EntryKind) -> CBORValue? {
    switch kind {
    case .deviceName: return value
    case .verification:
      do throws(CBORError) {
        return try value.bytes.map { (bytes) throws(CBORError) in try CBORValue(decoding: bytes) }
      } catch {
        return nil
      }
    }
  }

  // MARK: Writing

  /// Keeps an entry here, and writes it to the vault at the next sync, or now if that can be done.
  func keepEntry(_ kind: EntryKind, subject: [UInt8], _ value: CBORValue) throws {
    let sealed = try SealedField.seal(
      value.encoded, key: try unlockedKeys().local(),
      epochHint: [UInt8](repeating: 0, count: SealedField.epochHintByteCount),
      associatedData: Self.context(kind, subject), random: environment.random)
    try transaction {
      try database.run(
        "INSERT OR REPLACE INTO private_entry VALUES (?, ?, ?, 0)", .text(kind.rawValue),
        .blob(subject), .blob(sealed))
      _ = try writePrivateEntries()
    }
  }

  private static func context(_ kind: EntryKind, _ subject: [UInt8]) -> [UInt8] {
    Array("satchel/1/private-entry/\(kind.rawValue)/".utf8) + subject
  }

  /// Whether there is something that only a vault takes to the account's other devices.
  func hasUnwrittenEntries() throws -> Bool {
    try database.first("SELECT 1 FROM private_entry WHERE written = 0") { _ in true } ?? false
  }

  /// Writes what is not in the vault yet.
  ///
  /// - Returns: whether anything was written.
  func writePrivateEntries() throws -> Bool {
    guard try hasUnwrittenEntries(), try store.knows(vault), try usableEpoch(of: vault) != nil
    else { return false }
    for kind in EntryKind.allCases {
      for entry in try localEntries(kind) where entry.isUnwritten {
        try transaction {
          try write(Draft([try change(kind, entry)]), in: vault)
          try database.run(
            "UPDATE private_entry SET written = 1 WHERE kind = ? AND subject = ?",
            .text(kind.rawValue), .blob(entry.subject))
        }
      }
    }
    return true
  }

  private func change(_ kind: EntryKind, _ entry: Entry) throws -> Draft.Change {
    let write = Draft.Write(kind.field, entry.value.sealedForm(kind))
    let known = try vaultEntries(kind).first { isSame($0, entry, kind) }?.record
    if let known { return Draft.Change(.update, kind.rawValue, known, [write]) }
    var writes = [write]
    if kind == .deviceName { writes.append(Draft.Write("device", .bytes(entry.subject))) }
    return Draft.Change(
      .create, kind.rawValue, TimeOrderedID.make(RecordID.self, environment), writes)
  }

  private func isSame(_ known: Entry, _ entry: Entry, _ kind: EntryKind) -> Bool {
    switch kind {
    case .deviceName: known.subject == entry.subject
    case .verification:
      known.value.verifiedAccount != nil
        && known.value.verifiedAccount == entry.value.verifiedAccount
    }
  }
}

extension CBORValue {
  fileprivate func sealedForm(_ kind: Replica.EntryKind) -> CBORValue {
    switch kind {
    case .deviceName: self
    case .verification: .bytes(encoded)
    }
  }

  fileprivate var verifiedAccount: AccountID? { VerifiedKey(self)?.fingerprint.account }
}
