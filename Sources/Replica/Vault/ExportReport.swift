import Merge
import Signing

/// How exported files are written.
public enum ExportForm: Hashable, Sendable {
  /// As they were when they were added.
  case plain
  /// As age files for these recipients, one at least: a fresh header, then the payload as it is
  /// stored.
  case age([ExchangePublicKey])
}

/// What came of exporting files of the vault.
public struct ExportReport: Sendable {
  public struct Item: Sendable {
    /// In the vault.
    public let path: String
    /// In the exported folder.
    public let name: String
    public let file: RecordID
    public let version: RecordID
    /// Of the plaintext.
    public let byteCount: Int
    /// Of what ``hash`` is of: the plaintext, or the payload at the end of an age file.
    public let hashedByteCount: Int
    /// BLAKE2b-256 of the plaintext, or of the payload of an age file.
    public let hash: Digest
    /// Milliseconds since 1970.
    public let modifiedMilliseconds: Int64?
  }

  public struct Problem: Sendable {
    /// In the vault.
    public let path: String
    public let record: RecordID
    public let error: ReplicaError
    /// The blobs of the file that are not on this device, in the payload's order.
    public let missingBlobs: [Digest]
  }

  public internal(set) var items: [Item] = []
  /// What was left out, and why.
  public internal(set) var problems: [Problem] = []
}
