import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct BlobTests {
  let world: World
  let device: TestDevice

  init() throws {
    var options = SyncServer.Options()
    options.quotaByteCountMax = 1000
    options.blobByteCountMin = 100
    options.unnamedWrapCountMax = 3
    world = try World(options: options)
    device = try world.join(world.invitation)
  }

  private func path(_ hash: Digest, in space: SpaceID? = nil) -> String {
    Path.blob(space: (space ?? device.vault).hex, hash: hash.hex)
  }

  @Test func keepsWhatTheOwnerStores() throws {
    let blob = world.time.bytes(500)
    let hash = try device.putBlob(blob)
    try device.putBlob(blob)
    #expect(try device.send(.get, path(hash)) == blob)
    let empty = try device.putBlob([])
    #expect(try device.send(.get, path(empty)).isEmpty)
  }

  @Test func refusesAlteredBytes() throws {
    #expect(throws: ErrorCode.blobAltered) {
      try device.send(.put, path(Hasher256.content([1, 2])), [1, 3])
    }
    #expect(throws: ErrorCode.blobMissing) {
      try device.send(.get, path(Hasher256.content([1, 2])))
    }
  }

  @Test func refusesBytesBeyondTheLimit() throws {
    let blob = [UInt8](repeating: 0, count: BlobLimits.byteCountMax + 1)
    #expect(throws: ErrorCode.tooLarge) { try device.putBlob(blob) }
  }

  @Test func keepsToTheQuota() throws {
    let first = world.time.bytes(600)
    try device.putBlob(first)
    #expect(throws: ErrorCode.quotaExceeded) { try device.putBlob(world.time.bytes(401)) }
    try device.putBlob(world.time.bytes(400))
    // What is there already costs nothing.
    try device.putBlob(first)
  }

  /// Small ones take a block and a row each.
  @Test func countsSmallBlobsForMore() throws {
    for number in UInt8(0)..<10 { try device.putBlob([number]) }
    #expect(throws: ErrorCode.quotaExceeded) { try device.putBlob([10]) }
    // Rubbish is collected, and counts no longer.
    world.time.pass(seconds: 2 * day)
    try world.server.collectGarbage()
    try device.logIn()
    try device.putBlob([10])
  }

  @Test func takesBlobsOfTheOwnVaultOnly() throws {
    let space = SpaceID.vault(of: AccountID(Digest.zero))
    #expect(throws: ErrorCode.notAllowed) { try device.putBlob([1], in: space) }
    #expect(throws: ErrorCode.notAllowed) {
      try device.send(.get, path(Hasher256.content([1]), in: space))
    }
    #expect(throws: ErrorCode.notAllowed) {
      try device.post(Path.blobsMissing, BlobsMissingRequest(space: space, hashes: []))
    }
  }

  @Test func listsWhatIsMissing() throws {
    let known = try device.putBlob([1])
    let missing = Hasher256.content([2])
    let request = BlobsMissingRequest(space: device.vault, hashes: [missing, known])
    let answer = try device.call(Path.blobsMissing, request, BlobsMissingResponse.self)
    #expect(answer.hashes == [missing])
  }

  // MARK: Many at once

  private func put(_ blobs: [[UInt8]], in space: SpaceID? = nil) throws {
    let named = blobs.map { BlobsPutRequest.Blob(hash: Hasher256.content($0), bytes: $0) }
    try device.post(
      Path.blobsPut, BlobsPutRequest(space: space ?? device.vault, blobs: named))
  }

  private func fetch(_ hashes: [Digest], in space: SpaceID? = nil) throws -> [[UInt8]?] {
    let request = BlobsFetchRequest(space: space ?? device.vault, hashes: hashes)
    return try device.call(Path.blobsFetch, request, BlobsFetchResponse.self).blobs
  }

  @Test func keepsSeveralAtOnce() throws {
    let blobs: [[UInt8]] = [[1], [2, 3], [], [1]]
    try put(blobs)
    try put(blobs)
    let hashes = blobs.map { Hasher256.content($0) }
    #expect(try fetch([hashes[1], .zero, hashes[0], hashes[2]]) == [[2, 3], nil, [1], []])
    #expect(try device.send(.get, path(hashes[1])) == [2, 3])
  }

  @Test func keepsAllOrNone() throws {
    let whole = BlobsPutRequest.Blob(hash: Hasher256.content([1]), bytes: [1])
    let altered = BlobsPutRequest.Blob(hash: Hasher256.content([2]), bytes: [3])
    #expect(throws: ErrorCode.blobAltered) {
      try device.post(
        Path.blobsPut, BlobsPutRequest(space: device.vault, blobs: [whole, altered]))
    }
    #expect(try fetch([whole.hash, altered.hash]) == [nil, nil])
    #expect(throws: ErrorCode.quotaExceeded) { try put((0..<11).map { [$0] }) }
    #expect(try fetch([whole.hash]) == [nil])
    // What is there already costs nothing, alone or with others.
    for _ in 0..<2 { try put((0..<10).map { [$0] }) }
    #expect(throws: ErrorCode.quotaExceeded) { try put([[9], [10]]) }
  }

  @Test func takesSeveralOfTheOwnVaultOnly() throws {
    let space = SpaceID.vault(of: AccountID(Digest.zero))
    #expect(throws: ErrorCode.notAllowed) { try put([[1]], in: space) }
    #expect(throws: ErrorCode.notAllowed) { try fetch([.zero], in: space) }
  }

  @Test func boundsWrapsThatNothingNames() throws {
    try device.store([[1], [2], [3]], for: device.vault)
    #expect(throws: ErrorCode.quotaExceeded) { try device.store([[4]], for: device.vault) }
    world.time.pass(seconds: 2 * day)
    try world.server.collectGarbage()
    try device.logIn()
    try device.store([[4]], for: device.vault)
  }
}
