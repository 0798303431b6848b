extension Merkle {
  /// Checks that a leaf is at `index` in the tree of `treeSize` leaves with this root.
  ///
  /// RFC 9162 §2.1.3.2. Returns normally if it is; else throws why not.
  public static func verifyInclusion(
    leafHash: Digest, index: UInt64, treeSize: UInt64, proof: [Digest], root: Digest
  ) throws(MerkleError) {
    guard index < treeSize else { throw .outOfRange }
    var position = index
    var last = treeSize - 1
    var hash = leafHash
    for sibling in proof {
      guard last > 0 else { throw .wrongLength }
      if position & 1 == 1 || position == last {
        hash = nodeHash(sibling, hash)
        skipLevelsWithoutSibling(&position, &last)
      } else {
        hash = nodeHash(hash, sibling)
      }
      position >>= 1
      last >>= 1
    }
    guard last == 0 else { throw .wrongLength }
    guard hash == root else { throw .wrongRoot }
  }

  /// Checks that the tree of `newSize` leaves begins with the tree of `oldSize` leaves.
  ///
  /// RFC 9162 §2.1.4.2. Equal sizes need no hashes and accept none. That a tree begins with the
  /// empty one needs no proof, and none is defined: asking is `outOfRange`, so that a caller who
  /// never saw a checkpoint decides on purpose to trust the first.
  public static func verifyConsistency(
    oldSize: UInt64, newSize: UInt64, oldRoot: Digest, newRoot: Digest, proof: [Digest]
  ) throws(MerkleError) {
    guard oldSize <= newSize, oldSize > 0 || newSize == 0 else { throw .outOfRange }
    if oldSize == newSize {
      guard proof.isEmpty else { throw .wrongLength }
      guard oldRoot == newRoot, newSize > 0 || newRoot == emptyRoot else { throw .wrongRoot }
      return
    }
    // A complete old tree is itself the first node, and the proof leaves it out.
    let isOldComplete = oldSize & (oldSize - 1) == 0
    let path = isOldComplete ? [oldRoot] + proof : proof
    guard let first = path.first else { throw .wrongLength }

    var position = oldSize - 1
    var last = newSize - 1
    let lowestLeft = (~position).trailingZeroBitCount
    position >>= UInt64(lowestLeft)
    last >>= UInt64(lowestLeft)
    var oldHash = first
    var newHash = first
    for sibling in path.dropFirst() {
      guard last > 0 else { throw .wrongLength }
      if position & 1 == 1 || position == last {
        oldHash = nodeHash(sibling, oldHash)
        newHash = nodeHash(sibling, newHash)
        skipLevelsWithoutSibling(&position, &last)
      } else {
        newHash = nodeHash(newHash, sibling)
      }
      position >>= 1
      last >>= 1
    }
    guard last == 0 else { throw .wrongLength }
    guard oldHash == oldRoot, newHash == newRoot else { throw .wrongRoot }
  }

  /// The last node of a level is carried up unhashed while it is a left one without a sibling.
  private static func skipLevelsWithoutSibling(_ position: inout UInt64, _ last: inout UInt64) {
    while position & 1 == 0 && position != 0 {
      position >>= 1
      last >>= 1
    }
  }
}
