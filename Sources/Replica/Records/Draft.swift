import CBOR
import Merge

/// What a person wants to write, before anything is sealed.
public struct Draft: Sendable {
  public struct Write: Sendable {
    public let key: String
    public let value: CBORValue
    /// The siblings that the person was shown; on guarded fields.
    public let shown: [Origin]

    public init(_ key: String, _ value: CBORValue, shown: [Origin] = []) {
      self.key = key
      self.value = value
      self.shown = shown
    }
  }

  public struct Change: Sendable {
    public let type: String
    public let record: RecordID
    public let operation: RecordChange.Operation
    public let writes: [Write]

    public init(
      _ operation: RecordChange.Operation, _ type: String, _ record: RecordID,
      _ writes: [Write] = []
    ) {
      self.type = type
      self.record = record
      self.operation = operation
      self.writes = writes
    }
  }

  public var changes: [Change]

  public init(_ changes: [Change]) { self.changes = changes }
}

extension Draft {
  /// The draft as bytes: what the private copy of an unsent commit holds.
  var encoded: [UInt8] {
    CBORValue.array(
      changes.map { change in
        .array([
          .text(change.type), .bytes(change.record.bytes), .unsigned(change.operation.rawValue),
          .array(change.writes.map { .array([.text($0.key), $0.value]) }),
        ])
      }
    ).encoded
  }

  /// What ``encoded`` gave; what was shown is in the commit itself.
  init(decoding bytes: [UInt8]) throws {
    guard case .array(let items) = try CBORValue(decoding: bytes) else {
      throw ReplicaError.homeDamaged("private copy")
    }
    changes = try items.map { item in
      guard case .array(let parts) = item, parts.count == 4, let type = parts[0].text,
        let record = parts[1].bytes.flatMap({ RecordID($0) }),
        let operation = parts[2].integer.flatMap({
          RecordChange.Operation(rawValue: UInt64(bitPattern: $0))
        }), let writes = parts[3].array
      else { throw ReplicaError.homeDamaged("private copy") }
      return Change(operation, type, record, try writes.map(Self.write))
    }
  }

  private static func write(_ value: CBORValue) throws -> Write {
    guard case .array(let pair) = value, pair.count == 2, let key = pair[0].text else {
      throw ReplicaError.homeDamaged("private copy")
    }
    return Write(key, pair[1])
  }
}
