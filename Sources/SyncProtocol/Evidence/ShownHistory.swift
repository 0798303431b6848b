import CBOR
import Merge
import Signing

/// What was shown that contradicts itself, a signature, or what was shown before.
public enum ShownHistory: Hashable, Sendable {
  /// A page that does not verify, or should not have been accepted.
  case page(ShownPage)
  /// What a device signed that it had seen is not what the reader was shown.
  case view(ContradictingView)
  /// Two signed heads of one place in one log.
  case heads(SignedLogHead, SignedLogHead)
  /// A part of a chain, and the signed head that was shown before; `nil` where there was none.
  case chain(SignedChainHead?, ChainPart)
  /// What a device signed of its own account's chain is not on the chain that the reader was shown:
  /// the statements from that place on to the signed head.
  case account(SignedChainHead, [SignedStatement], SignedView)
  /// Bytes that only a person can make something of.
  case other([UInt8])
}

extension ShownHistory: WireCodable {
  static let statementCountMax = 65_536

  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .page(let page):
      writer.array(count: 2)
      writer.unsigned(0)
      writer.object(page)
    case .view(let view):
      writer.array(count: 2)
      writer.unsigned(1)
      writer.object(view)
    case .heads(let first, let second):
      writer.array(count: 3)
      writer.unsigned(2)
      writer.object(first)
      writer.object(second)
    case .chain(let known, let part):
      writer.array(count: 3)
      writer.unsigned(3)
      writer.optional(known) { $0.object($1) }
      writer.object(part)
    case .account(let head, let statements, let view):
      writer.array(count: 4)
      writer.unsigned(4)
      writer.object(head)
      writer.list(statements) { $0.object($1) }
      writer.object(view)
    case .other(let bytes):
      writer.array(count: 2)
      writer.unsigned(5)
      writer.bytes(bytes)
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 4)
    switch (try reader.unsigned(), count) {
    case (0, 2): self = .page(try reader.object())
    case (1, 2): self = .view(try reader.object())
    case (2, 3): self = .heads(try reader.object(), try reader.object())
    case (3, 3):
      let known = try reader.optional { (r) throws(WireError) in
        try r.object(SignedChainHead.self)
      }
      self = .chain(known, try reader.object())
    case (4, 4):
      let head = try reader.object(SignedChainHead.self)
      let statements = try reader.list(max: Self.statementCountMax) { (r) throws(WireError) in
        try r.object(SignedStatement.self)
      }
      self = .account(head, statements, try reader.object())
    case (5, 2): self = .other(try reader.bytes(max: Evidence.byteCountMax))
    default: throw .unexpected("evidence")
    }
  }
}
