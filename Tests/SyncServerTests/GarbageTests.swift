import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct GarbageTests {
  let clinic: Clinic
  let vault: Clinic.Vault
  var world: World { clinic.world }
  var client: TestDevice { clinic.client }

  init() throws {
    clinic = try Clinic()
    vault = try clinic.openVault(clinic.client)
  }

  private func missing(_ blobs: [[UInt8]]) throws -> [Digest] {
    let request = BlobsMissingRequest(
      space: vault.space, hashes: blobs.map { Hasher256.content($0) })
    return try client.call(Path.blobsMissing, request, BlobsMissingResponse.self).hashes
  }

  private func wrapCount() throws -> Int64? {
    try world.server.inspect {
      try $0.database.first("SELECT COUNT(*) FROM wrap") { $0.integer(0) }
    }
  }

  @Test func collectsWhatNothingNamesAfterADay() throws {
    let named = try clinic.newFile(vault, by: client, blobs: [[1], [2]])
    try client.write(vault.space, named.changes)
    let before = try wrapCount()
    try client.putBlob([3])
    try client.store([[7]], for: vault.space)
    world.time.pass(seconds: day)
    try world.server.collectGarbage()
    try client.logIn()
    #expect(try wrapCount() == (before ?? 0) + 1)
    world.time.pass(seconds: 1)
    try world.server.collectGarbage()
    #expect(try missing([[1], [2], [3]]) == [Hasher256.content([3])])
    #expect(try wrapCount() == before)
    let names = try world.server.inspect { try $0.blobs.names() }
    #expect(names.count == 2)
    #expect(try client.fetch([Hasher256.content(named.wrap)], .space(vault.space)) == [named.wrap])
  }

  @Test func givesADayMoreToWhatIsAskedFor() throws {
    try client.putBlob([3])
    world.time.pass(seconds: day)
    try client.logIn()
    #expect(try missing([[3]]).isEmpty)
    world.time.pass(seconds: day)
    try client.logIn()
    try client.putBlob([3])
    world.time.pass(seconds: day)
    try world.server.collectGarbage()
    try client.logIn()
    #expect(try missing([[3]]).isEmpty)
  }

  @Test func removesFilesThatAnInterruptedUploadHasLeft() throws {
    let name = BlobName(space: vault.space, hash: Hasher256.content([9]))
    try world.server.inspect { try $0.blobs.store([9], name) }
    try world.server.collectGarbage()
    #expect(try world.server.inspect { try $0.blobs.bytes(name) } == nil)
  }

  @Test func sparesUploadsThatAreUnderWay() throws {
    let name = BlobName(space: vault.space, hash: Hasher256.content([9]))
    let put = Request(
      .put, Path.blob(space: name.space.hex, hash: name.hash.hex), token: client.token, body: [9])
    try world.server.inspect { core in
      #expect(try core.beginBlobPut(put, name))
      try core.blobs.store([9], name)
      try core.collectGarbage()
      try core.endBlobPut(name, byteCount: 1, isStored: true)
    }
    #expect(try client.send(.get, put.path) == [9])
  }
}
