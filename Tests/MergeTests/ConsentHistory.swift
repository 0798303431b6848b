import CBOR
import Merge
import TestSupport

/// Decisions of an assignment's two sides, applied in log order.
struct ConsentHistory {
  static let practitionerDevice = 3
  static let clientDevice = 2

  private(set) var consent = Consent()
  private(set) var head: UInt64 = 0
  private var sequences: [Int: UInt64] = [:]

  /// One side's decision.
  ///
  /// - Parameter seen: what its author had seen of the log; everything when `nil`.
  @discardableResult
  mutating func decide(
    _ decision: Decision, device: Int? = nil, seen: UInt64? = nil
  ) -> Origin {
    let isClient = decision.key == Consent.clientKey
    let device = device ?? (isClient ? Self.clientDevice : Self.practitionerDevice)
    sequences[device, default: 0] += 1
    let origin = Origin.of(device, sequences[device]!)
    let stamp = CommitStamp(
      position: Position(head + 1), authorship: Authorship(origin: origin, time: .zero),
      seen: Position(seen ?? head))
    head += 1
    consent.apply([decision.change], of: stamp)
    return origin
  }

  static func creation(_ writes: [FieldWrite]) -> RecordChange {
    RecordChange(type: Consent.type, record: .numbered(1), operation: .create, writes: writes)
  }

  /// The assignment's record, by somebody who decides nothing with it.
  mutating func create(_ writes: [FieldWrite]) {
    let stamp = CommitStamp(
      position: Position(head + 1), authorship: Authorship(origin: .of(1, 1), time: .zero),
      seen: Position(head))
    head += 1
    consent.apply([Self.creation(writes)], of: stamp)
  }

  func state(at milliseconds: UInt64 = 0) -> ConsentState {
    consent.state(nowMilliseconds: milliseconds)
  }
}

/// What one side says, and on which terms.
struct Decision: Hashable, Sendable {
  let key: String
  let word: String
  var permissions: [CBORValue] = ["add_notes", "view_files"]
  var until: CBORValue?

  static func client(
    _ word: String, _ permissions: [String] = ["add_notes", "view_files"],
    until: CBORValue? = nil
  ) -> Decision {
    Decision(
      key: Consent.clientKey, word: word, permissions: permissions.map { .text($0) },
      until: until)
  }

  static func practitioner(
    _ word: String, _ permissions: [String] = ["add_notes", "view_files"],
    until: CBORValue? = nil
  ) -> Decision {
    Decision(
      key: Consent.practitionerKey, word: word, permissions: permissions.map { .text($0) },
      until: until)
  }

  var value: CBORValue {
    var entries: [(key: CBORValue, value: CBORValue)] = [
      ("decision", .text(word)), ("permissions", .array(permissions)),
    ]
    if let until { entries.append(("until", until)) }
    return .map(CBORMap(entries))
  }

  var write: FieldWrite { FieldWrite(key: key, value: value) }

  var change: RecordChange {
    RecordChange(
      type: Consent.type, record: .numbered(1), operation: .update, writes: [write])
  }
}
