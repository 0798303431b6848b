import CBOR

/// The changes of one local transaction, as their author wrote them.
public struct Commit: Hashable, Sendable {
  /// Changes in one commit.
  public static let changeCountMax = 256
  /// Encoded bytes of one commit.
  public static let byteCountMax = 256 * 1024

  public let header: CommitHeader
  public let changes: [RecordChange]

  public init(header: CommitHeader, changes: [RecordChange]) {
    self.header = header
    self.changes = changes
  }
}

/// What a commit says of itself.
public struct CommitHeader: Hashable, Sendable {
  public let time: HybridTime
  public let context: Context
  /// Present only on a re-issue: where the commit was first written.
  public let origin: Origin?

  public init(time: HybridTime, context: Context, origin: Origin? = nil) {
    self.time = time
    self.context = context
    self.origin = origin
  }
}

/// What one commit does to one record.
public struct RecordChange: Hashable, Sendable {
  public enum Operation: UInt64, CaseIterable, Sendable {
    case create = 0
    case update = 1
    case delete = 2
  }

  public let type: String
  public let record: RecordID
  public let operation: Operation
  public let writes: [FieldWrite]

  public init(type: String, record: RecordID, operation: Operation, writes: [FieldWrite] = []) {
    self.type = type
    self.record = record
    self.operation = operation
    self.writes = writes
  }
}

/// One new value of one register.
public struct FieldWrite: Hashable, Sendable {
  /// The field's name, or `field/element` for an element of a set.
  public let key: String
  /// Ciphertext bytes for a sealed field; `null` clears; a boolean for an element of a set.
  public let value: CBORValue
  /// Whether the value is sealed: its author says so, the schema must agree.
  public let sealed: Bool
  /// The siblings that the author was shown; on guarded fields only.
  public let shown: [Origin]

  public init(key: String, value: CBORValue, sealed: Bool = false, shown: [Origin] = []) {
    self.key = key
    self.value = value
    self.sealed = sealed
    self.shown = shown
  }

  /// The field that the key belongs to.
  public var field: String { Self.field(of: key) }

  public static func field(of key: String) -> String {
    slash(in: key).map { String(key[..<$0]) } ?? key
  }

  /// The element of a set; `nil` for a plain field.
  public var element: String? { Self.element(of: key) }

  public static func element(of key: String) -> String? {
    slash(in: key).map { String(key[key.utf8.index(after: $0)...]) }
  }

  /// Whether the key is of an element of a set.
  public var isElement: Bool { Self.isElement(key) }

  public static func isElement(_ key: String) -> Bool { slash(in: key) != nil }

  /// Bytes, not characters: a mark that combines with the slash does not hide it.
  private static func slash(in key: String) -> String.Index? {
    key.utf8.firstIndex(of: UInt8(ascii: "/"))
  }
}

/// Where a commit stands and what its author had seen: all that registers need of it.
public struct CommitStamp: Hashable, Sendable {
  public let position: Position
  public let authorship: Authorship
  /// What the author had seen of the log.
  public let seen: Seen

  public init(position: Position, authorship: Authorship, seen: Seen) {
    self.position = position
    self.authorship = authorship
    self.seen = seen
  }

  public init(position: Position, authorship: Authorship, seen: Position) {
    self.init(position: position, authorship: authorship, seen: Seen(upTo: seen))
  }
}
