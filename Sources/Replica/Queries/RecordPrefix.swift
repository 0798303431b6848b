import Database
import Merge

/// The beginning of a record's id, as a person types it: hexadecimal, hyphens left out or not.
struct RecordPrefix {
  /// Fewer digits are more likely a mistake than a name: the first twelve are a time.
  static let digitCountMin = 6

  private let lowest: [UInt8]
  private let highest: [UInt8]

  /// `nil` for what is not the beginning of an id.
  init?(_ text: String) {
    let digits = text.lowercased().filter { $0 != "-" }
    let digitCountMax = RecordID.byteCount * 2
    guard (Self.digitCountMin...digitCountMax).contains(digits.utf8.count),
      let low = RecordID(hex: Self.filled(digits, with: "0")),
      let high = RecordID(hex: Self.filled(digits, with: "f"))
    else { return nil }
    lowest = low.bytes
    highest = high.bytes
  }

  private static func filled(_ digits: String, with digit: String) -> String {
    digits + String(repeating: digit, count: RecordID.byteCount * 2 - digits.utf8.count)
  }

  var bounds: [SQLValue] { [.blob(lowest), .blob(highest)] }
}

extension Replica {
  /// The record that a person means: a ticket's number (`#3`, `3`), or the beginning of an id.
  ///
  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/ambiguous(_:_:)``.
  public func record(named name: String) throws -> RecordReference {
    if let number = TicketName(name).number {
      let tickets = try tickets(numbered: number)
      if !tickets.isEmpty { return try only(tickets, named: "ticket \(name)") }
    }
    guard let prefix = RecordPrefix(name) else { throw ReplicaError.notFound("record \(name)") }
    return try only(try references(prefix, types: store.schema.types), named: "record \(name)")
  }

  func only(_ found: [RecordReference], named name: String) throws -> RecordReference {
    guard let first = found.first else { throw ReplicaError.notFound(name) }
    guard found.count == 1 else {
      let candidates = found.prefix(8).map { "\($0.type) \($0.record.hex)" }
      throw ReplicaError.ambiguous(name, candidates)
    }
    return first
  }

  /// Records of the types whose ids begin so, deleted ones included.
  func references(_ prefix: RecordPrefix, types: [RecordType]) throws -> [RecordReference] {
    let spaces = try spacesByNumber()
    var found: Set<RecordReference> = []
    for type in types {
      let shown = "SELECT space, record FROM \"\(type.name)\" WHERE record BETWEEN ? AND ?"
      let hidden = "SELECT space, record FROM _hidden WHERE record BETWEEN ? AND ? AND type = ?"
      for (sql, more) in [(shown, []), (hidden, [SQLValue.text(type.name)])] {
        try database.withStatement(sql) { statement in
          try statement.bind(prefix.bounds + more)
          while try statement.step() {
            guard let space = spaces[statement.integer(0)],
              let record = RecordID(statement.blob(1))
            else { throw ReplicaError.homeDamaged(type.name) }
            found.insert(RecordReference(space: space, type: type.name, record: record))
          }
        }
      }
    }
    return found.sorted { ($0.record, $0.type) < ($1.record, $1.type) }
  }
}
