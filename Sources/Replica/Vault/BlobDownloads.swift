import Merge
import Signing
import SpaceStore
import SyncProtocol

/// A blob that is not here, and how to ask for it.
struct MissingBlob {
  let hash: Digest
  let byteCount: Int
  let path: String
  /// Whether it is the own vault's, whose small blobs travel together. What others share is asked for
  /// one by one, because each is released, and noted, by itself.
  let isOwn: Bool
}

/// Fetching blobs: small ones many to a request, and several requests at once.
extension Replica {
  func missingBlobs(_ version: SealedVersion, share: Share?) throws -> [MissingBlob] {
    guard let byteCounts = version.blobByteCounts else { return [] }
    return try version.blobs.indices.compactMap { index in
      let hash = version.blobs[index]
      // A blob that was cut short is asked for again.
      guard try blobs.byteCount(hash) != byteCounts[index] else { return nil }
      let path =
        share.map {
          Path.shareBlob(space: $0.space.hex, share: $0.id.hex, index: index)
        } ?? Path.blob(space: version.vault.hex, hash: hash.hex)
      return MissingBlob(
        hash: hash, byteCount: byteCounts[index], path: path,
        isOwn: share == nil && version.vault == vault)
    }
  }

  func fetch(
    _ missing: [MissingBlob], _ connection: Connection, _ onBytes: ByteProgress
  ) throws {
    let total = missing.reduce(UInt64(0)) { $0 + UInt64($1.byteCount) }
    var done: UInt64 = 0
    var isAltered = false
    // What two shares name is fetched once.
    var known: Set<Digest> = []
    let parcels = Self.parcels(missing.filter { known.insert($0.hash).inserted })
    for start in stride(from: 0, to: parcels.count, by: Connection.requestCountMax) {
      let some = Array(parcels[start..<min(start + Connection.requestCountMax, parcels.count)])
      let answers = connection.send(some.map(message))
      for (parcel, answer) in zip(some, answers) {
        do {
          if let bytes = try unlessWithheld(answer.get) {
            if try !take(bytes, of: parcel, connection) { isAltered = true }
          }
        } catch ReplicaError.server(.blobAltered) {
          isAltered = true
        }
        done += parcel.reduce(0) { $0 + UInt64($1.byteCount) }
        onBytes(done, total)
      }
    }
    // One bad copy holds up none of the others.
    if isAltered {
      throw ReplicaError.dishonest("the server's copy of a file is not what its name says")
    }
  }

  /// What is asked for in one request.
  private static func parcels(_ missing: [MissingBlob]) -> [[MissingBlob]] {
    var parcels: [[MissingBlob]] = []
    var small: [MissingBlob] = []
    var byteCount = 0
    for blob in missing {
      guard blob.isOwn, blob.byteCount <= BlobBatch.blobByteCountMax else {
        parcels.append([blob])
        continue
      }
      if small.count == BlobBatch.countMax || byteCount + blob.byteCount > BlobBatch.byteCountMax {
        parcels.append(small)
        (small, byteCount) = ([], 0)
      }
      small.append(blob)
      byteCount += blob.byteCount
    }
    return small.isEmpty ? parcels : parcels + [small]
  }

  private func message(_ parcel: [MissingBlob]) -> Connection.Message {
    if parcel.count == 1 { return Connection.Message(.get, parcel[0].path) }
    let request = BlobsFetchRequest(space: vault, hashes: parcel.map(\.hash))
    return Connection.Message(.post, Path.blobsFetch, request.encoded)
  }

  /// - Returns: whether the bytes are what was asked for.
  private func take(
    _ answer: [UInt8], of parcel: [MissingBlob], _ connection: Connection
  ) throws -> Bool {
    guard parcel.count > 1 else { return try take([(parcel[0].hash, answer)]) }
    let blobs = try connection.decoded(BlobsFetchResponse.self, answer, Path.blobsFetch).blobs
    guard blobs.count <= parcel.count else {
      throw ReplicaError.dishonest("the server's answer is not what was asked for")
    }
    return try take(zip(parcel, blobs).compactMap { blob, bytes in bytes.map { (blob.hash, $0) } })
  }

  private func take(_ blobs: [(hash: Digest, bytes: [UInt8])]) throws -> Bool {
    var isWhole = true
    var checked: [BlobStore.Checked] = []
    for blob in blobs {
      let found = Hasher256.content(blob.bytes)
      if found == blob.hash, blob.bytes.count <= BlobStore.byteCountMax {
        checked.append(BlobStore.Checked(hash: blob.hash, bytes: blob.bytes))
      } else {
        // The names will do: the bytes could be anything, and many.
        try keepEvidence(.other(blob.hash.bytes + found.bytes), kind: "swapped blob", space: nil)
        isWhole = false
      }
    }
    if !checked.isEmpty { try self.blobs.store(checked) }
    return isWhole
  }
}
