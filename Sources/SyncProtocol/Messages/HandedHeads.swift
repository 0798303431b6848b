import CBOR
import Merge
import Signing

/// How far a device had got in everything it knows, for the account's next device: what that one is
/// shown later must go through it. Signed by the device's identity key.
public struct HandedHeads: Hashable, WireCodable {
  public struct Chain: Hashable, Sendable {
    public let chain: ChainReference
    public let point: ChainPoint

    public init(chain: ChainReference, point: ChainPoint) {
      self.chain = chain
      self.point = point
    }
  }

  public struct Space: Hashable, Sendable {
    public let space: SpaceID
    public let seen: SeenHeads

    public init(space: SpaceID, seen: SeenHeads) {
      self.space = space
      self.seen = seen
    }
  }

  /// Of each: chains, and spaces. More are left out.
  public static let countMax = 8192

  public let chains: [Chain]
  public let spaces: [Space]
  public let device: DeviceID
  public let signature: Signature

  /// - Parameter joining: the device that they are for.
  public init(
    chains: [Chain], spaces: [Space], for joining: DeviceID, by device: DeviceID, key: SigningKey
  ) {
    self.chains = chains
    self.spaces = spaces
    self.device = device
    signature = key.sign(Self.message(chains, spaces, joining), .enrolmentHeads)
  }

  public func isSigned(for joining: DeviceID, by key: SigningPublicKey) -> Bool {
    DeviceID(key) == device
      && key.verify(signature, of: Self.message(chains, spaces, joining), .enrolmentHeads)
  }

  private static func message(
    _ chains: [Chain], _ spaces: [Space], _ joining: DeviceID
  ) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.id(joining)
    encode(chains, spaces, to: &writer)
    return writer.bytes
  }

  private static func encode(
    _ chains: [Chain], _ spaces: [Space], to writer: inout CBORWriter
  ) {
    writer.list(chains) { writer, chain in
      writer.array(count: 2)
      writer.object(chain.chain)
      writer.object(chain.point)
    }
    writer.list(spaces) { writer, space in
      writer.array(count: 2)
      writer.id(space.space)
      writer.object(space.seen)
    }
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    Self.encode(chains, spaces, to: &writer)
    writer.id(device)
    writer.octets(signature)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "handed heads")
    chains = try reader.list(max: Self.countMax) { (r) throws(WireError) in
      try r.fields(2, "handed chain")
      return Chain(chain: try r.object(), point: try r.object())
    }
    spaces = try reader.list(max: Self.countMax) { (r) throws(WireError) in
      try r.fields(2, "handed space")
      return Space(space: try r.id(), seen: try r.object())
    }
    device = try reader.id()
    signature = try reader.signature()
  }
}
