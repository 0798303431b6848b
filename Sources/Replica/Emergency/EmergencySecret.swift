import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

/// What a deposit binds its key to: it opens as the key of no other epoch, in no other space.
struct EmergencySecret {
  /// The casework space that holds the deposit.
  let space: SpaceID
  let vault: SpaceID
  let epoch: EpochID
  /// Of the team's key that the inner layer is for.
  let keyGeneration: UInt64

  /// suite (1) ‖ space (16) ‖ vault (16) ‖ epoch (32)
  private var prefix: [UInt8] {
    [UInt8(Domain.suite)] + space.bytes + vault.bytes + epoch.bytes
  }

  private var context: [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 6)
    writer.text(Domain.emergencyDeposit.rawValue)
    writer.unsigned(Domain.suite)
    writer.id(space)
    writer.id(vault)
    writer.id(epoch)
    writer.unsigned(keyGeneration)
    return writer.bytes
  }

  /// Seals the vault's key to the team, and the box under the server's share.
  func seal(
    _ key: SymmetricKey, to team: ExchangePublicKey, share: SymmetricKey,
    random: any RandomSource
  ) throws(SealingError) -> [UInt8] {
    let prefix = prefix
    var secret = SecretBytes(count: prefix.count + SymmetricKey.byteCount)
    key.withBytes { key in
      secret.withUnsafeMutableBytes { buffer in
        buffer.copyBytes(from: prefix)
        UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...]).copyMemory(from: key)
      }
    }
    let inner = try SealedBox.seal(secret, to: team, random: random)
    return KeyWrap.seal(
      SecretBytes(copying: inner), key: share,
      epochHint: Array(epoch.bytes.prefix(SealedField.epochHintByteCount)),
      associatedData: context, random: random)
  }

  /// Takes the outer layer off; what is left opens with the team's key only.
  func peel(_ box: [UInt8], share: SymmetricKey) throws(SealingError) -> [UInt8] {
    let inner = try KeyWrap.open(box, key: share, associatedData: context)
    return inner.withUnsafeBytes { Array($0) }
  }

  /// `nil` where the box is of another deposit.
  func open(
    _ box: [UInt8], share: SymmetricKey, team: ExchangeKey
  ) throws(SealingError) -> SymmetricKey? {
    let secret = try SealedBox.open(peel(box, share: share), with: team)
    let prefix = prefix
    return secret.withUnsafeBytes { bytes in
      guard bytes.count == prefix.count + SymmetricKey.byteCount,
        bytes.prefix(prefix.count).elementsEqual(prefix)
      else { return nil }
      return SymmetricKey(copying: UnsafeRawBufferPointer(rebasing: bytes[prefix.count...]))
    }
  }
}
