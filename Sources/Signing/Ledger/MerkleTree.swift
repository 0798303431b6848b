/// A Merkle tree (RFC 6962 §2.1) in memory, with every node: 64 bytes a leaf.
///
/// For logs that fit in memory, and for tests. A log in a database uses the same functions of
/// ``Merkle`` with a reader of its own.
public struct MerkleTree: Sendable {
  private var levels: [[Digest]] = []

  public init() {}

  /// How many leaves there are.
  public var size: UInt64 { UInt64(levels.first?.count ?? 0) }

  /// The root over all leaves.
  public var root: Digest { root(treeSize: size) }

  /// Adds a leaf by its hash (``Merkle/leafHash(_:)-([UInt8])``).
  public mutating func append(_ leafHash: Digest) {
    let completed = Merkle.nodesCompleted(byLeaf: leafHash, at: size, readNode: read)
    for (node, hash) in completed {
      if levels.count == node.level { levels.append([]) }
      levels[node.level].append(hash)
    }
  }

  /// The root that the tree had when it had `treeSize` leaves; at most ``size``.
  public func root(treeSize: UInt64) -> Digest {
    precondition(treeSize <= size, "the tree is not that large yet")
    return Merkle.root(treeSize: treeSize, readNode: read)
  }

  /// The audit path of leaf `index` in the tree's first `treeSize` leaves.
  public func inclusionProof(index: UInt64, treeSize: UInt64) -> [Digest] {
    precondition(treeSize <= size, "the tree is not that large yet")
    return Merkle.inclusionProof(index: index, treeSize: treeSize, readNode: read)
  }

  /// The proof that the tree's first `newSize` leaves begin with its first `oldSize` leaves.
  public func consistencyProof(oldSize: UInt64, newSize: UInt64) -> [Digest] {
    precondition(newSize <= size, "the tree is not that large yet")
    return Merkle.consistencyProof(oldSize: oldSize, newSize: newSize, readNode: read)
  }

  private func read(_ node: MerkleNode) -> Digest { levels[node.level][Int(node.index)] }
}
