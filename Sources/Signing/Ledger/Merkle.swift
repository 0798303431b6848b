import CSodium

/// The hashes of a Merkle tree (RFC 6962 §2.1), over SHA-256.
///
/// Leaves and inner nodes are hashed under different first bytes, so that neither passes for the
/// other. A tree of n > 1 leaves splits at the largest power of two below n. A *node* is the root
/// of a complete subtree: its hash never changes once all its leaves are there, so a log stores
/// nodes and computes everything else from them.
public enum Merkle {
  /// The root of a tree without leaves: SHA-256 of nothing.
  public static let emptyRoot = sha256 { _ in }

  /// The hash of a leaf's content.
  public static func leafHash(_ content: [UInt8]) -> Digest {
    content.withUnsafeBytes { leafHash($0) }
  }

  /// The hash of a leaf's content.
  public static func leafHash(_ content: UnsafeRawBufferPointer) -> Digest {
    sha256 { state in
      var prefix: UInt8 = 0
      crypto_hash_sha256_update(&state, &prefix, 1)
      crypto_hash_sha256_update(&state, content.octets, UInt64(content.count))
    }
  }

  /// The hash of an inner node.
  public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
    sha256 { state in
      var prefix: UInt8 = 1
      crypto_hash_sha256_update(&state, &prefix, 1)
      left.withUnsafeBytes { _ = crypto_hash_sha256_update(&state, $0.octets, UInt64($0.count)) }
      right.withUnsafeBytes { _ = crypto_hash_sha256_update(&state, $0.octets, UInt64($0.count)) }
    }
  }

  /// The root of a tree with these leaf hashes.
  public static func root(of leafHashes: [Digest]) -> Digest {
    guard leafHashes.count > 1 else { return leafHashes.first ?? emptyRoot }
    var pending = MerkleTree()
    for leafHash in leafHashes { pending.append(leafHash) }
    return pending.root
  }

  private static func sha256(_ feed: (inout crypto_hash_sha256_state) -> Void) -> Digest {
    var state = crypto_hash_sha256_state()
    crypto_hash_sha256_init(&state)
    feed(&state)
    return Digest { _ = crypto_hash_sha256_final(&state, $0.octets) }
  }
}
