import Foundation
import Signing
import TestSupport
import Testing

/// The RFC 6962 proofs of transparency-dev/merkle, valid and invalid.
@Suite struct MerkleVectorTests {
  struct Inclusion: Decodable {
    let leafIdx: UInt64
    let treeSize: UInt64
    let root: String?
    let leafHash: String?
    let proof: [String]?
    let wantErr: Bool
  }

  struct Consistency: Decodable {
    let size1: UInt64
    let size2: UInt64
    let root1: String?
    let root2: String?
    let proof: [String]?
    let wantErr: Bool
  }

  private enum Missing: Error { case hash }

  /// Some vectors have hashes of other lengths, which a digest cannot hold. Their hash stands for
  /// them: equal where they are equal, different from everything else.
  private static func digest(_ text: String?) throws -> Digest {
    let bytes = text.flatMap { Base64.decode($0) } ?? []
    guard !bytes.isEmpty else { throw Missing.hash }
    return Digest(bytes) ?? Hasher256.content(bytes)
  }

  private static func digests(_ texts: [String]?) throws -> [Digest] {
    try (texts ?? []).map { try digest($0) }
  }

  @Test(.enabled(if: Vectors.isPresent("merkle"), "\(Vectors.notice)"))
  func inclusion() throws {
    var outcomes = [true: 0, false: 0]
    for file in try Vectors.jsonFiles(under: "merkle/inclusion") {
      let vector = try JSONDecoder().decode(Inclusion.self, from: Data(contentsOf: file))
      var failure: (any Error)?
      do {
        try Merkle.verifyInclusion(
          leafHash: Self.digest(vector.leafHash), index: vector.leafIdx,
          treeSize: vector.treeSize, proof: Self.digests(vector.proof),
          root: Self.digest(vector.root))
      } catch { failure = error }
      #expect((failure != nil) == vector.wantErr, "\(file.lastPathComponent): \(vector)")
      outcomes[vector.wantErr, default: 0] += 1
    }
    #expect(outcomes[true, default: 0] > 50)
    #expect(outcomes[false, default: 0] >= 5)
  }

  @Test(.enabled(if: Vectors.isPresent("merkle"), "\(Vectors.notice)"))
  func consistency() throws {
    var outcomes = [true: 0, false: 0]
    for file in try Vectors.jsonFiles(under: "merkle/consistency") {
      let vector = try JSONDecoder().decode(Consistency.self, from: Data(contentsOf: file))
      var failure: (any Error)?
      do {
        try Merkle.verifyConsistency(
          oldSize: vector.size1, newSize: vector.size2, oldRoot: Self.digest(vector.root1),
          newRoot: Self.digest(vector.root2), proof: Self.digests(vector.proof))
      } catch { failure = error }
      #expect((failure != nil) == vector.wantErr, "\(file.path): \(vector)")
      outcomes[vector.wantErr, default: 0] += 1
    }
    #expect(outcomes[true, default: 0] > 50)
    #expect(outcomes[false, default: 0] >= 5)
  }
}
