import CBOR
import Merge
import Sealing
import Signing
import SpaceStore
import SyncProtocol

/// What is inside of an epoch's wrap: suite (1) ‖ space (16) ‖ previous epoch or zeros (32) ‖ key (32).
enum EpochSecret {
  static let byteCount = 1 + SpaceID.byteCount + EpochID.byteCount + 32

  private static func prefix(_ space: SpaceID, _ previous: EpochID?) -> [UInt8] {
    [UInt8(Domain.suite)] + space.bytes
      + (previous?.bytes ?? [UInt8](repeating: 0, count: EpochID.byteCount))
  }

  /// What the key is committed to in the epoch's statement.
  static func context(_ space: SpaceID, _ previous: EpochID?) -> [UInt8] {
    Array(Domain.epochCommitment.rawValue.utf8) + prefix(space, previous)
  }

  /// What an epoch's key is sealed with under the next one.
  static func predecessorContext(_ space: SpaceID, _ previous: EpochID) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 4)
    writer.text("satchel/1/epoch-predecessor")
    writer.unsigned(Domain.suite)
    writer.id(space)
    writer.id(previous)
    return writer.bytes
  }

  static func seal(
    _ key: SymmetricKey, space: SpaceID, previous: EpochID?, to recipient: ExchangePublicKey,
    random: any RandomSource
  ) throws -> [UInt8] {
    var secret = SecretBytes(count: byteCount)
    let prefix = prefix(space, previous)
    key.withBytes { key in
      secret.withUnsafeMutableBytes { buffer in
        buffer.copyBytes(from: prefix)
        UnsafeMutableRawBufferPointer(rebasing: buffer[prefix.count...]).copyMemory(from: key)
      }
    }
    return try SealedBox.seal(secret, to: recipient, random: random)
  }

  /// `nil` where the box is for another space or another place in the chain of epochs.
  static func open(
    _ wrap: [UInt8], space: SpaceID, previous: EpochID?, with key: ExchangeKey
  ) throws(SealingError) -> SymmetricKey? {
    let secret = try SealedBox.open(wrap, with: key)
    let prefix = prefix(space, previous)
    return secret.withUnsafeBytes { bytes in
      guard bytes.count == byteCount, bytes.prefix(prefix.count).elementsEqual(prefix) else {
        return nil
      }
      return SymmetricKey(copying: UnsafeRawBufferPointer(rebasing: bytes[prefix.count...]))
    }
  }
}
