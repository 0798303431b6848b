import Signing

/// Names a set of record types: what a journal's signature says that it was written under.
public enum SchemaHash {
  /// - Parameter files: name and bytes of each schema file, sorted by name.
  public static func of(_ files: [(name: String, bytes: [UInt8])]) -> Digest {
    var hasher = Hasher256(domain: Domain.schema.rawValue)
    for (name, bytes) in files {
      for part in [Array(name.utf8), bytes] {
        hasher.update(UInt64(part.count))
        hasher.update(part)
      }
    }
    return hasher.finalize()
  }
}
