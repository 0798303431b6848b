extension Merkle {
  /// Reads a stored node. Asked only for nodes whose leaves are all in the tree.
  public typealias NodeReader<Failure: Error> = (MerkleNode) throws(Failure) -> Digest

  /// The root of the first `treeSize` leaves (RFC 6962 §2.1). Reads at most 64 nodes.
  public static func root<Failure: Error>(
    treeSize: UInt64, readNode: NodeReader<Failure>
  ) throws(Failure) -> Digest {
    guard treeSize > 0 else { return emptyRoot }
    return try hash(of: 0..<treeSize, readNode)
  }

  /// The audit path of leaf `index` in the tree of `treeSize` leaves, nearest sibling first
  /// (RFC 6962 §2.1.1). `index` is below `treeSize`.
  public static func inclusionProof<Failure: Error>(
    index: UInt64, treeSize: UInt64, readNode: NodeReader<Failure>
  ) throws(Failure) -> [Digest] {
    precondition(index < treeSize, "no such leaf")
    var path: [Digest] = []
    var range = 0..<treeSize
    while range.upperBound - range.lowerBound > 1 {
      let middle = split(range)
      let isLeft = index < middle
      path.append(
        try hash(of: isLeft ? middle..<range.upperBound : range.lowerBound..<middle, readNode))
      range = isLeft ? range.lowerBound..<middle : middle..<range.upperBound
    }
    path.reverse()
    return path
  }

  /// The hashes that show that the tree of `newSize` leaves begins with the tree of `oldSize`
  /// leaves (RFC 6962 §2.1.2). `oldSize` is 1 to `newSize`; if it is `newSize`, the proof is empty.
  public static func consistencyProof<Failure: Error>(
    oldSize: UInt64, newSize: UInt64, readNode: NodeReader<Failure>
  ) throws(Failure) -> [Digest] {
    precondition(oldSize > 0 && oldSize <= newSize, "no proof is defined for these sizes")
    guard oldSize < newSize else { return [] }
    var path: [Digest] = []
    var range = 0..<newSize
    while range.upperBound != oldSize {
      let middle = split(range)
      let isInLeft = oldSize <= middle
      path.append(
        try hash(of: isInLeft ? middle..<range.upperBound : range.lowerBound..<middle, readNode))
      range = isInLeft ? range.lowerBound..<middle : middle..<range.upperBound
    }
    // What is left is the last part of the old tree. If it is all of it, the verifier has its root.
    if range.lowerBound > 0 { path.append(try hash(of: range, readNode)) }
    path.reverse()
    return path
  }

  /// The nodes that become complete when a leaf is appended at `index`, the leaf itself first: what
  /// a log stores. `readNode` is asked for nodes stored before.
  public static func nodesCompleted<Failure: Error>(
    byLeaf leafHash: Digest, at index: UInt64, readNode: NodeReader<Failure>
  ) throws(Failure) -> [(node: MerkleNode, hash: Digest)] {
    precondition(index < .max, "the tree is full")
    var node = MerkleNode(level: 0, index: index)
    var hash = leafHash
    var completed = [(node: node, hash: hash)]
    while node.index & 1 == 1 {
      let left = try readNode(MerkleNode(level: node.level, index: node.index - 1))
      hash = nodeHash(left, hash)
      node = MerkleNode(level: node.level + 1, index: node.index >> 1)
      completed.append((node, hash))
    }
    return completed
  }

  /// Where RFC 6962 splits a range of more than one leaf: after the largest power of two of leaves
  /// that is below their number.
  private static func split(_ range: Range<UInt64>) -> UInt64 {
    let last = range.upperBound - range.lowerBound - 1
    return range.lowerBound + (1 << UInt64(63 - last.leadingZeroBitCount))
  }

  /// The hash of leaves that RFC 6962's splitting put together: their start is aligned, so every
  /// complete part of them is a stored node.
  private static func hash<Failure: Error>(
    of range: Range<UInt64>, _ readNode: NodeReader<Failure>
  ) throws(Failure) -> Digest {
    let size = range.upperBound - range.lowerBound
    if size & (size - 1) == 0 {
      let level = size.trailingZeroBitCount
      return try readNode(MerkleNode(level: level, index: range.lowerBound >> UInt64(level)))
    }
    let middle = split(range)
    let left = try hash(of: range.lowerBound..<middle, readNode)
    return nodeHash(left, try hash(of: middle..<range.upperBound, readNode))
  }
}
