/// The place of a complete subtree in a Merkle tree.
public struct MerkleNode: Hashable, Sendable {
  /// The subtree has 2^level leaves. At most 63.
  public let level: Int

  /// The subtree's first leaf is leaf `index` · 2^level.
  public let index: UInt64

  public init(level: Int, index: UInt64) {
    precondition((0..<64).contains(level), "a tree has at most 64 levels")
    self.level = level
    self.index = index
  }
}
