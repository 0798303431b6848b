import CBOR
import Merge
import Signing

/// One thing in a push.
public enum PushItem: Hashable, WireCodable {
  case statement(SignedStatement)
  case segment(JournalSegment)

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    switch self {
    case .statement(let statement):
      writer.unsigned(0)
      writer.object(statement)
    case .segment(let segment):
      writer.unsigned(1)
      writer.object(segment)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "push item")
    switch try reader.unsigned() {
    case 0: self = .statement(try reader.object())
    case 1: self = .segment(try reader.object())
    default: throw .unexpected("push item")
    }
  }
}

/// What the server says of one statement or commit.
public enum PushVerdict: Hashable, WireCodable {
  case accepted(Position)
  case deferred(Deferral)
  /// Final. The position is where the refusal stands; `zero` for a refused statement.
  case refused(Position, Refusal)

  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .accepted(let position):
      writer.array(count: 2)
      writer.unsigned(0)
      writer.position(position)
    case .deferred(let deferral):
      writer.array(count: 2)
      writer.unsigned(1)
      writer.unsigned(deferral.rawValue)
    case .refused(let position, let refusal):
      writer.array(count: 3)
      writer.unsigned(2)
      writer.position(position)
      writer.object(refusal)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 3)
    switch (try reader.unsigned(), count) {
    case (0, 2): self = .accepted(try reader.position())
    case (1, 2):
      guard let deferral = Deferral(rawValue: try reader.unsigned()) else {
        throw .unexpected("deferral")
      }
      self = .deferred(deferral)
    case (2, 3): self = .refused(try reader.position(), try reader.object())
    default: throw .unexpected("verdict")
    }
  }
}
