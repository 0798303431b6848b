import Signing
import Testing

@Suite struct MerkleTests {
  /// The definition of RFC 6962 §2.1, literally.
  private static func rootByDefinition(_ leaves: ArraySlice<Digest>) -> Digest {
    if leaves.isEmpty { return Merkle.emptyRoot }
    if leaves.count == 1 { return leaves[leaves.startIndex] }
    var half = 1
    while half * 2 < leaves.count { half *= 2 }
    return Merkle.nodeHash(
      rootByDefinition(leaves.prefix(half)), rootByDefinition(leaves.dropFirst(half)))
  }

  private static let leaves = (0..<70).map { Merkle.leafHash([UInt8($0)]) }

  private static func tree(_ count: Int) -> MerkleTree {
    var tree = MerkleTree()
    for leaf in leaves.prefix(count) { tree.append(leaf) }
    return tree
  }

  /// Known SHA-256 values: of nothing, of 0x00, and RFC 6962's tree over one empty leaf.
  @Test func knownHashes() {
    #expect(
      Merkle.emptyRoot.hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      Merkle.leafHash([]).hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
  }

  @Test func leavesAndNodesDiffer() throws {
    let left = Self.leaves[0]
    let right = Self.leaves[1]
    #expect(Merkle.leafHash(left.bytes + right.bytes) != Merkle.nodeHash(left, right))
  }

  @Test func rootsAreThoseOfTheDefinition() {
    let tree = Self.tree(Self.leaves.count)
    for size in 0...Self.leaves.count {
      let expected = Self.rootByDefinition(Self.leaves.prefix(size))
      #expect(tree.root(treeSize: UInt64(size)) == expected)
      #expect(Merkle.root(of: Array(Self.leaves.prefix(size))) == expected)
    }
  }

  @Test func everyInclusionProofHolds() throws {
    let tree = Self.tree(40)
    for size in 1...tree.size {
      let root = tree.root(treeSize: size)
      for index in 0..<size {
        let leaf = Self.leaves[Int(index)]
        let proof = tree.inclusionProof(index: index, treeSize: size)
        try Merkle.verifyInclusion(
          leafHash: leaf, index: index, treeSize: size, proof: proof, root: root)
      }
    }
  }

  @Test func noInclusionProofHoldsForAnotherLeaf() throws {
    let tree = Self.tree(13)
    for index in 0..<13 as Range<UInt64> {
      let proof = tree.inclusionProof(index: index, treeSize: 13)
      for other in 0..<13 as Range<UInt64> where other != index {
        #expect(throws: MerkleError.self) {
          try Merkle.verifyInclusion(
            leafHash: Self.leaves[Int(index)], index: other, treeSize: 13, proof: proof,
            root: tree.root)
        }
      }
    }
  }

  @Test func everyConsistencyProofHolds() throws {
    let tree = Self.tree(40)
    for newSize in 1...tree.size {
      for oldSize in 1...newSize {
        let proof = tree.consistencyProof(oldSize: oldSize, newSize: newSize)
        try Merkle.verifyConsistency(
          oldSize: oldSize, newSize: newSize, oldRoot: tree.root(treeSize: oldSize),
          newRoot: tree.root(treeSize: newSize), proof: proof)
      }
    }
  }

  @Test func noConsistencyProofHoldsForAnotherHistory() {
    let tree = Self.tree(23)
    var forked = MerkleTree()
    for (index, leaf) in Self.leaves.prefix(23).enumerated() {
      forked.append(index == 4 ? Merkle.leafHash([99]) : leaf)
    }
    for oldSize in 5...22 as ClosedRange<UInt64> {
      let proof = tree.consistencyProof(oldSize: oldSize, newSize: 23)
      #expect(throws: MerkleError.wrongRoot) {
        try Merkle.verifyConsistency(
          oldSize: oldSize, newSize: 23, oldRoot: forked.root(treeSize: oldSize),
          newRoot: tree.root, proof: proof)
      }
    }
  }

  @Test func absurdSizesAreRefusedWithoutWork() {
    let root = Self.leaves[0]
    #expect(throws: MerkleError.outOfRange) {
      try Merkle.verifyInclusion(leafHash: root, index: 0, treeSize: 0, proof: [], root: root)
    }
    #expect(throws: MerkleError.outOfRange) {
      try Merkle.verifyInclusion(
        leafHash: root, index: .max, treeSize: .max, proof: [], root: root)
    }
    #expect(throws: MerkleError.wrongLength) {
      try Merkle.verifyInclusion(
        leafHash: root, index: .max - 1, treeSize: .max, proof: [], root: root)
    }
    #expect(throws: MerkleError.outOfRange) {
      try Merkle.verifyConsistency(
        oldSize: .max, newSize: 1, oldRoot: root, newRoot: root, proof: [])
    }
    let long = [Digest](repeating: root, count: 1000)
    #expect(throws: MerkleError.wrongLength) {
      try Merkle.verifyConsistency(
        oldSize: .max - 1, newSize: .max, oldRoot: root, newRoot: root, proof: long)
    }
    #expect(throws: MerkleError.wrongLength) {
      try Merkle.verifyConsistency(
        oldSize: 1 << 63, newSize: .max, oldRoot: root, newRoot: root, proof: [])
    }
  }

  @Test func anEmptyTreeHasTheEmptyRoot() throws {
    try Merkle.verifyConsistency(
      oldSize: 0, newSize: 0, oldRoot: Merkle.emptyRoot, newRoot: Merkle.emptyRoot, proof: [])
    #expect(throws: MerkleError.outOfRange) {
      try Merkle.verifyConsistency(
        oldSize: 0, newSize: 1, oldRoot: Merkle.emptyRoot, newRoot: Self.leaves[0], proof: [])
    }
    #expect(throws: MerkleError.wrongRoot) {
      try Merkle.verifyConsistency(
        oldSize: 0, newSize: 0, oldRoot: Self.leaves[0], newRoot: Self.leaves[0], proof: [])
    }
  }

  /// A reader over a database sees only nodes that were stored before.
  @Test func nodesSufficeForEverything() throws {
    struct Missing: Error {}
    var stored: [MerkleNode: Digest] = [:]
    func read(_ node: MerkleNode) throws -> Digest {
      guard let hash = stored[node] else { throw Missing() }
      return hash
    }
    for (index, leaf) in Self.leaves.enumerated() {
      let completed = try Merkle.nodesCompleted(byLeaf: leaf, at: UInt64(index), readNode: read)
      for (node, hash) in completed { stored[node] = hash }
      let size = UInt64(index + 1)
      let expected = Self.rootByDefinition(Self.leaves.prefix(index + 1))
      #expect(try Merkle.root(treeSize: size, readNode: read) == expected)
      _ = try Merkle.inclusionProof(index: size / 2, treeSize: size, readNode: read)
      _ = try Merkle.consistencyProof(oldSize: size / 2 + 1, newSize: size, readNode: read)
    }
  }
}
