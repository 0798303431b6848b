/// Why a Merkle proof does not hold. Which step failed says nothing about who is at fault.
public enum MerkleError: Error, Hashable, Sendable {
  /// The sizes or the index make no sense: an index beyond the tree, a second tree smaller than the
  /// first.
  case outOfRange
  /// The proof has fewer or more hashes than a proof of these sizes has.
  case wrongLength
  /// The proof leads to another root.
  case wrongRoot
}
