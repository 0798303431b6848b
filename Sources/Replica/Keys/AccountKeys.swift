import Merge
import Sealing
import Signing
import SyncProtocol

/// The account's keys: the newest is wrapped for each device, and each opens the one before.
extension Replica {
  /// Takes the generations of the account key that this device does not hold.
  ///
  /// - Throws: ``ReplicaError/dishonest(_:)`` where one is not the key that the chain names.
  func takeAccountKeys(_ connection: Connection) throws {
    let chain = try ownChain()
    let newest = chain.accountKeys.count - 1
    guard let own = chain.devices[identity.device], own.revokedAt == nil else { return }
    if try !unlockedKeys().holds(.account(generation: newest)) {
      guard let exchange = try unlockedKeys().exchange(.exchange) else {
        throw ReplicaError.homeDamaged("exchange key")
      }
      try takeAccountKey(newest, own.accountKeyWrap, with: exchange, connection)
    }
    for generation in (0..<newest).reversed()
    where try !unlockedKeys().holds(.account(generation: generation)) {
      guard let next = try unlockedKeys().exchange(.account(generation: generation + 1)) else {
        return
      }
      try takeAccountKey(generation, chain.predecessors[generation], with: next, connection)
    }
  }

  private func takeAccountKey(
    _ generation: Int, _ hash: Digest, with opener: ExchangeKey, _ connection: Connection
  ) throws {
    let owner = WrapOwner.chain(.account(identity.account))
    guard let wrap = try fetchWrap(hash, of: owner, connection) else { return }
    guard let key = Self.exchangeKey(wrap, with: opener),
      key.publicKey == (try ownChain().accountKeys[generation])
    else {
      try keepEvidence(.other(wrap), kind: "account key", space: nil)
      throw ReplicaError.dishonest("the account key is not the one on the chain")
    }
    try unlockedKeys().store(key, as: .account(generation: generation))
  }

  /// `nil` where the server does not give it out.
  func fetchWrap(
    _ hash: Digest, of owner: WrapOwner, _ connection: Connection
  ) throws -> [UInt8]? {
    let answer = try connection.call(
      Path.wrapsFetch, WrapsFetchRequest(owner: owner, hashes: [hash]), WrapsFetchResponse.self)
    guard let wrap = answer.wraps.first ?? nil else { return nil }
    guard Hasher256.content(wrap) == hash else {
      var space: SpaceID?
      if case .space(let owner) = owner { space = owner }
      try keepEvidence(.other(hash.bytes + wrap), kind: "swapped wrap", space: space)
      throw ReplicaError.dishonest("a wrap is not what its name says")
    }
    return wrap
  }

  /// `nil` where whoever made the wrap made it wrongly.
  static func exchangeKey(_ wrap: [UInt8], with opener: ExchangeKey) -> ExchangeKey? {
    do throws(SealingError) {
      return ExchangeKey(secret: try SealedBox.open(wrap, with: opener))
    } catch {
      return nil
    }
  }

  /// A key sealed to another one.
  ///
  /// - Throws: ``ReplicaError/dishonest(_:)`` where that one hides nothing.
  func wrap(_ key: ExchangeKey, for recipient: ExchangePublicKey) throws -> [UInt8] {
    do {
      return try key.withSecret {
        try SealedBox.seal($0, to: recipient, random: environment.random)
      }
    } catch SealingError.weakPublicKey {
      throw ReplicaError.dishonest("a member's key is one that hides nothing")
    }
  }
}
