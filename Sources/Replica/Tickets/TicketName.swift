import Database
import Merge

/// What a person calls a ticket: its number, or the beginning of its id.
struct TicketName {
  /// `#3` and `3`; a shell takes `#` for a comment. From six digits on only with the `#`.
  let number: Int64?

  init(_ text: String) {
    let isMarked = text.hasPrefix("#")
    let digits = isMarked ? text.dropFirst() : text[...]
    let isShort = digits.utf8.count < RecordPrefix.digitCountMin
    let isNumber = !digits.isEmpty && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    number = isNumber && (isMarked || isShort) ? Int64(digits) : nil
  }
}

extension Replica {
  static let ticketType = "ticket"

  /// The ticket that a person means.
  ///
  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/ambiguous(_:_:)``.
  public func ticket(named name: String) throws -> RecordReference {
    if let number = TicketName(name).number {
      return try only(try tickets(numbered: number), named: "ticket \(name)")
    }
    let types = store.schema.types.filter { $0.name == Self.ticketType }
    guard let prefix = RecordPrefix(name) else { throw ReplicaError.notFound("ticket \(name)") }
    return try only(try references(prefix, types: types), named: "ticket \(name)")
  }

  func tickets(numbered number: Int64) throws -> [RecordReference] {
    let spaces = try spacesByNumber()
    return try database.rows(
      "SELECT space, record FROM ticket WHERE number = ?", .integer(number)
    ) { row in
      guard let space = spaces[row.integer(0)], let record = RecordID(row.blob(1)) else {
        throw ReplicaError.homeDamaged("ticket")
      }
      return RecordReference(space: space, type: Self.ticketType, record: record)
    }
  }
}
