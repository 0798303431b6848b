import CBOR
import Merge
import Sealing
import SpaceStore
import SyncProtocol

/// Seals the fields of one space under its present epoch.
struct Sealer {
  let space: SpaceID
  let epoch: EpochID
  let author: AccountID
  private let fields: FieldSealer
  private let environment: Environment

  init(
    space: SpaceID, epoch: EpochID, key: SymmetricKey, author: AccountID,
    environment: Environment
  ) {
    self.space = space
    self.epoch = epoch
    self.author = author
    self.environment = environment
    fields = FieldSealer(
      epochKey: key, epochHint: Array(epoch.bytes.prefix(SealedField.epochHintByteCount)))
  }

  /// The ciphertext of a value; `null` stays `null`.
  func seal(_ value: CBORValue, type: String, record: RecordID, key: String) throws -> CBORValue {
    if value == .null { return .null }
    let context = FieldContext(
      space: space, type: type, record: record, key: key, epoch: epoch, author: author)
    return .bytes(
      try fields.seal(
        value.encoded, associatedData: context.associatedData, random: environment.random))
  }
}

extension Replica {
  /// The sealer for a space's present epoch.
  ///
  /// - Throws: ``ReplicaError/notReady(_:)`` where the epoch or its key has not arrived, or somebody
  ///   was removed since and nobody has made the next one yet.
  func sealer(for space: SpaceID) throws -> Sealer {
    guard let (epoch, key) = try usableEpoch(of: space) else {
      throw ReplicaError.notReady(
        try store.state(space).owesEpoch
          ? "somebody was removed here, and the next key has not arrived"
          : "the key of this space has not arrived")
    }
    return Sealer(
      space: space, epoch: epoch, key: key, author: identity.account, environment: environment)
  }

  /// The epoch that values are sealed under now; `nil` where its key is not held, or where whoever was
  /// removed holds it.
  func usableEpoch(of space: SpaceID) throws -> (id: EpochID, key: SymmetricKey)? {
    let state = try store.state(space)
    guard let epoch = state.epochs.last, state.mayUse(epoch),
      let key = try unlockedKeys().symmetric(.epoch(space, epoch.id))
    else { return nil }
    return (epoch.id, key)
  }

  /// Opens a sealed value.
  ///
  /// - Parameter author: the device that wrote it.
  /// - Returns: `nil` where the key is not held.
  /// - Throws: ``ReplicaError/cannotOpen(_:)`` where no key could make a value of it.
  func unseal(
    _ sealed: [UInt8], space: SpaceID, type: String, record: RecordID, key: String,
    author: DeviceID
  ) throws -> CBORValue? {
    let state = try store.state(space)
    guard let hint = SealedLayout.epochHint(of: sealed), let epoch = state.epoch(hint: hint)
    else { throw ReplicaError.cannotOpen("\(type).\(key)") }
    guard let epochKey = try unlockedKeys().symmetric(.epoch(space, epoch.id)) else { return nil }
    let account = author == identity.device ? identity.account : state.devices[author]?.account
    guard let account else { throw ReplicaError.cannotOpen("\(type).\(key)") }
    let context = FieldContext(
      space: space, type: type, record: record, key: key, epoch: epoch.id, author: account)
    let fields = FieldSealer(
      epochKey: epochKey, epochHint: Array(epoch.id.bytes.prefix(SealedField.epochHintByteCount)))
    do {
      return try CBORValue(
        decoding: fields.open(sealed, associatedData: context.associatedData))
    } catch is SealingError {
      throw ReplicaError.cannotOpen("\(type).\(key)")
    } catch is CBORError {
      // Members seal what they like: nobody has checked what is inside.
      throw ReplicaError.cannotOpen("\(type).\(key)")
    }
  }
}
