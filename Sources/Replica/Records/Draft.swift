import CBOR
import Merge
import SyncProtocol

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
    var writer = CBORWriter()
    writer.list(changes) { writer, change in
      writer.array(count: 4)
      writer.text(change.type)
      writer.id(change.record)
      writer.unsigned(change.operation.rawValue)
      writer.list(change.writes) { writer, write in
        writer.array(count: 2)
        writer.text(write.key)
        writer.value(write.value)
      }
    }
    return writer.bytes
  }

  /// Only what the commit that was made of it does not say openly.
  func keepingSealed(of commit: Commit) -> Draft {
    precondition(changes.count == commit.changes.count, "the commit was made of the draft")
    var kept: [Change] = []
    for (change, sealed) in zip(changes, commit.changes) {
      var writes: [Write] = []
      for (write, isSealed) in zip(change.writes, sealed.writes.lazy.map(\.sealed)) where isSealed {
        if write.value != .null { writes.append(write) }
      }
      if writes.isEmpty { continue }
      kept.append(Change(change.operation, change.type, change.record, writes))
    }
    return Draft(kept)
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
