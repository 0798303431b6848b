import Merge
import Signing
import SpaceStore
import SyncProtocol

/// Sending blobs: small ones many to a request, and several requests at once.
extension Replica {
  /// Names of one question for missing blobs.
  private static var questionCountMax: Int { 8192 }

  /// Blobs that travel in one request.
  private enum Parcel {
    case one(Digest)
    case several([Digest])

    var hashes: [Digest] {
      switch self {
      case .one(let hash): [hash]
      case .several(let hashes): hashes
      }
    }
  }

  func uploadBlobs(
    _ connection: Connection, _ space: SpaceID, _ onBytes: ByteProgress
  ) throws {
    let number = try store.number(of: space)
    let waiting = try database.rows(
      "SELECT hash FROM blob_outbox WHERE space = ? ORDER BY hash", .integer(number)
    ) { hash in
      let hash = try Self.digest(hash.blob(0))
      return (hash: hash, byteCount: try blobs.byteCount(hash) ?? 0)
    }
    let total = waiting.reduce(UInt64(0)) { $0 + UInt64($1.byteCount) }
    var done: UInt64 = 0
    var damaged: Digest?
    for start in stride(from: 0, to: waiting.count, by: Self.questionCountMax) {
      let asked = waiting[start..<min(start + Self.questionCountMax, waiting.count)]
      let missing = Set(
        try connection.call(
          Path.blobsMissing, BlobsMissingRequest(space: space, hashes: asked.map(\.hash)),
          BlobsMissingResponse.self
        ).hashes)
      let sizes = Dictionary(asked.map { ($0.hash, $0.byteCount) }) { first, _ in first }
      try noteSent(asked.map(\.hash).filter { !missing.contains($0) }, space: number)
      let parcels = Self.parcels(asked.filter { missing.contains($0.hash) })
      done += asked.reduce(0) { missing.contains($1.hash) ? $0 : $0 + UInt64($1.byteCount) }
      for start in stride(from: 0, to: parcels.count, by: Connection.requestCountMax) {
        let some = parcels[start..<min(start + Connection.requestCountMax, parcels.count)]
        damaged = try upload(Array(some), connection, space, number) ?? damaged
        done += some.flatMap(\.hashes).reduce(0) { $0 + UInt64(sizes[$1] ?? 0) }
        onBytes(done, total)
      }
    }
    if let damaged { throw ReplicaError.fileAltered(try fileName(withBlob: damaged)) }
  }

  private static func parcels(_ blobs: [(hash: Digest, byteCount: Int)]) -> [Parcel] {
    var parcels: [Parcel] = []
    var small: [Digest] = []
    var byteCount = 0
    func close() {
      if !small.isEmpty { parcels.append(small.count == 1 ? .one(small[0]) : .several(small)) }
      (small, byteCount) = ([], 0)
    }
    for blob in blobs {
      guard blob.byteCount <= BlobBatch.blobByteCountMax else {
        parcels.append(.one(blob.hash))
        continue
      }
      if small.count == BlobBatch.countMax || byteCount + blob.byteCount > BlobBatch.byteCountMax {
        close()
      }
      small.append(blob.hash)
      byteCount += blob.byteCount
    }
    close()
    return parcels
  }

  /// Sends parcels at once.
  ///
  /// - Returns: a blob that is damaged here, if there is one.
  private func upload(
    _ parcels: [Parcel], _ connection: Connection, _ space: SpaceID, _ number: Int64
  ) throws -> Digest? {
    var damaged: Digest?
    var sent: [Parcel] = []
    var requests: [Connection.Message] = []
    for parcel in parcels {
      do {
        requests.append(try message(parcel, space))
        sent.append(parcel)
      } catch is BlobStore.Failure {
        damaged = try uploadSingly(parcel, connection, space, number) ?? damaged
      }
    }
    var failure: (any Error)?
    for (parcel, answer) in zip(sent, connection.send(requests)) {
      switch answer {
      case .success: try noteSent(parcel.hashes, space: number)
      // What is damaged here is found there, so that nothing is hashed twice. All others go all the same.
      case .failure(.server(.blobAltered)):
        damaged = try uploadSingly(parcel, connection, space, number) ?? damaged
      case .failure(let error): failure = failure ?? error
      }
    }
    if let failure { throw failure }
    return damaged
  }

  private func message(_ parcel: Parcel, _ space: SpaceID) throws -> Connection.Message {
    switch parcel {
    case .one(let hash):
      return Connection.Message(
        .put, Path.blob(space: space.hex, hash: hash.hex), try blobs.readUnchecked(hash))
    case .several(let hashes):
      let read = try hashes.map {
        BlobsPutRequest.Blob(hash: $0, bytes: try blobs.readUnchecked($0))
      }
      return Connection.Message(
        .post, Path.blobsPut, BlobsPutRequest(space: space, blobs: read).encoded)
    }
  }

  /// - Returns: a blob that is damaged here.
  private func uploadSingly(
    _ parcel: Parcel, _ connection: Connection, _ space: SpaceID, _ number: Int64
  ) throws -> Digest? {
    var damaged: Digest?
    for hash in parcel.hashes {
      do {
        let bytes = try blobs.read(hash)
        _ = try connection.send(.put, Path.blob(space: space.hex, hash: hash.hex), bytes)
        try noteSent([hash], space: number)
      } catch is BlobStore.Failure {
        damaged = hash
      }
    }
    return damaged
  }

  private func noteSent(_ hashes: [Digest], space number: Int64) throws {
    if hashes.isEmpty { return }
    try transaction {
      for hash in hashes {
        try database.run(
          "DELETE FROM blob_outbox WHERE space = ? AND hash = ?", .integer(number),
          .blob(hash.bytes))
      }
    }
  }

  /// For an error; the beginning of the blob's name where the home is locked.
  private func fileName(withBlob hash: Digest) throws -> String {
    let file = try database.first(
      "SELECT version.file FROM version, json_each(version.blobs) AS blob WHERE blob.value = ?",
      .text(hash.hex)
    ) { try Self.recordID($0.blob(0)) }
    guard let file, !isLocked else { return String(hash.hex.prefix(16)) }
    return try vaultTree().path(of: file)
  }
}
