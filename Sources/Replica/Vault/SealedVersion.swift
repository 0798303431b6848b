import CBOR
import Merge
import Sealing
import Signing

/// One version of a file, as a version record or a share describes it: where its ciphertext is and
/// what has to hold before a byte of it is shown.
struct SealedVersion: Hashable, Sendable {
  /// The vault that the file belongs to, also where a share describes it.
  let vault: SpaceID
  let file: RecordID
  let id: RecordID
  /// The payload's pieces, in order.
  let blobs: [Digest]
  /// Of the plaintext.
  let byteCount: Int
  /// What the file key has to match.
  let commitment: Digest
  /// The name of the file key's wrap.
  let wrap: Digest

  /// vault ‖ file ‖ version: a key or a payload of another version never fits (design §7, Files).
  static func commitmentContext(vault: SpaceID, file: RecordID, version: RecordID) -> [UInt8] {
    vault.bytes + file.bytes + version.bytes
  }

  var commitmentContext: [UInt8] {
    Self.commitmentContext(vault: vault, file: file, version: id)
  }

  /// How many bytes each blob has to have; `nil` where the list does not fit the length.
  var blobByteCounts: [Int]? {
    guard byteCount >= 0, byteCount <= Self.byteCountLimit else { return nil }
    let total = AgePayload.payloadByteCount(plaintextByteCount: byteCount)
    guard blobs.count == Self.blobCount(payloadByteCount: total) else { return nil }
    let full = BlobStore.byteCountMax
    return blobs.indices.map { min(full, total - $0 * full) }
  }

  /// Far enough from `Int.max` for every sum.
  static let byteCountLimit = 1 << 56

  static func blobCount(payloadByteCount: Int) -> Int {
    (payloadByteCount + BlobStore.byteCountMax - 1) / BlobStore.byteCountMax
  }

  /// The components that a version record and a share's `content` have in common.
  var entries: [(key: String, value: CBORValue)] {
    [
      ("blobs", .array(blobs.map { .bytes($0.bytes) })), ("length", .integer(Int64(byteCount))),
      ("commitment", .bytes(commitment.bytes)), ("wrap", .bytes(wrap.bytes)),
    ]
  }

  /// Reads the components, which may be another person's word; `nil` where one does not fit.
  init?(
    vault: SpaceID, file: RecordID, id: RecordID, component: (String) -> CBORValue?
  ) {
    guard let items = component("blobs")?.array, let length = component("length")?.integer,
      let byteCount = Int(exactly: length), (0...Self.byteCountLimit).contains(byteCount),
      let commitment = component("commitment")?.bytes.flatMap({ Digest($0) }),
      let wrap = component("wrap")?.bytes.flatMap({ Digest($0) })
    else { return nil }
    let blobs = items.compactMap { $0.bytes.flatMap { Digest($0) } }
    guard blobs.count == items.count else { return nil }
    self.init(
      vault: vault, file: file, id: id, blobs: blobs, byteCount: byteCount,
      commitment: commitment, wrap: wrap)
  }

  init(
    vault: SpaceID, file: RecordID, id: RecordID, blobs: [Digest], byteCount: Int,
    commitment: Digest, wrap: Digest
  ) {
    self.vault = vault
    self.file = file
    self.id = id
    self.blobs = blobs
    self.byteCount = byteCount
    self.commitment = commitment
    self.wrap = wrap
  }
}
