import Signing

/// Seals and opens the fields of one epoch. Holds the epoch's sub-key for fields, so that a listing
/// of many rows derives it once.
public final class FieldSealer: Sendable {
  /// The eight bytes by which a reader finds the epoch's key.
  public let epochHint: [UInt8]
  private let key: SymmetricKey

  /// `epochHint` is the first eight bytes of the epoch's id; another size is a bug in the caller.
  public init(epochKey: SymmetricKey, epochHint: [UInt8]) {
    precondition(epochHint.count == EpochBox.hintByteCount, "an epoch hint has 8 bytes")
    self.epochHint = epochHint
    key = Self.subKey(epochKey)
  }

  /// Seals one field, see ``SealedField``. Throws `tooLarge`.
  public func seal(
    _ plaintext: [UInt8], associatedData: [UInt8], random: any RandomSource
  ) throws(SealingError) -> [UInt8] {
    guard plaintext.count <= SealedField.plaintextByteCountMax else { throw .tooLarge }
    return EpochBox.seal(
      byteCount: Padding.paddedCount(plaintext.count), key: key, epochHint: epochHint,
      associatedData: associatedData, random: random
    ) { padded in
      padded.copyBytes(from: plaintext)
      Padding.fill(padded, after: plaintext.count)
    }
  }

  /// Opens one field of this epoch. Throws `unknownSuite`, `malformed`, `tooLarge` and
  /// `authenticationFailed`.
  public func open(
    _ sealed: [UInt8], associatedData: [UInt8]
  ) throws(SealingError) -> [UInt8] {
    try Self.open(sealed, key: key, associatedData: associatedData)
  }

  static func subKey(_ epochKey: SymmetricKey) -> SymmetricKey {
    epochKey.subKey(info: "satchel/1/sealed-field")
  }

  static func open(
    _ sealed: [UInt8], key: SymmetricKey, associatedData: [UInt8]
  ) throws(SealingError) -> [UInt8] {
    let paddedMax = Padding.paddedCount(SealedField.plaintextByteCountMax)
    let paddedCount = try EpochBox.contentByteCount(sealed, max: paddedMax)
    var isAuthentic = false
    var isPadded = false
    let plaintext = [UInt8](unsafeUninitializedCapacity: paddedCount) { output, count in
      let padded = UnsafeMutableRawBufferPointer(start: output.baseAddress, count: paddedCount)
      isAuthentic = EpochBox.open(sealed, key: key, associatedData: associatedData, into: padded)
      guard isAuthentic else { return }
      let textByteCount = Padding.unpaddedCount(UnsafeRawBufferPointer(padded))
      isPadded = textByteCount != nil
      count = textByteCount ?? 0
    }
    guard isAuthentic else { throw .authenticationFailed }
    guard isPadded else { throw .malformed }
    return plaintext
  }
}
