import Merge
import Signing
import SyncProtocol
import Testing

@testable import SyncServer

@Suite struct InfoTests {
  @Test func tellsWhoItIsWithoutSession() throws {
    let world = try World()
    let info = try ServerInfo(decoding: world.send(Request(.get, Path.info)))
    #expect(info.versions == [1])
    #expect(info.certificate == world.server.certificate)
    #expect(info.certificate.isValid)
    #expect(info.timeMilliseconds == world.time.now)
  }

  @Test(arguments: ["/v2/info", "/v0/push", "/v99", "/v18446744073709551615/x"])
  func refusesOtherVersions(path: String) throws {
    let world = try World()
    #expect(world.server.handle(Request(.get, path)) == .failure(.versionUnknown))
  }

  @Test(arguments: [
    "/", "", "/v1/nothing", "/v1/push/", "//v1/info", "/vx/info", "/v1/blobs/00/11",
  ])
  func hasNothingElsewhere(path: String) throws {
    let world = try World()
    #expect(world.server.handle(Request(.post, path)) == .failure(.notFound))
  }

  @Test func hasNothingUnderOtherMethods() throws {
    let world = try World()
    #expect(world.server.handle(Request(.get, Path.push)) == .failure(.notFound))
    #expect(world.server.handle(Request(.post, Path.info)) == .failure(.notFound))
  }

  @Test func refusesBodiesBeyondTheLimit() throws {
    let world = try World()
    let body = [UInt8](repeating: 0, count: Request.bodyByteCountMax + 1)
    #expect(
      world.server.handle(Request(.post, Path.challenge, body: body)) == .failure(.tooLarge))
  }

  static let paths = [
    Path.challenge, Path.session, Path.accounts, Path.chains, Path.chainAppend, Path.invitations,
    Path.enrolments, Path.enrolmentAnswer, Path.enrolmentApprove, Path.enrolmentResult, Path.wraps,
    Path.wrapsFetch,
    Path.blobsMissing, Path.blobsPut, Path.blobsFetch, Path.feed, Path.pull, Path.push,
    Path.journal, Path.purged, Path.digest,
  ]

  /// Whatever the bytes, the answer is a refusal, and the server lives on.
  @Test(arguments: paths)
  func refusesBytesThatAreNoMessage(path: String) throws {
    let world = try World()
    let admin = try world.join(world.invitation)
    for length in [0, 1, 2, 7, 64, 1000] {
      let body = world.time.bytes(length)
      let response = world.server.handle(Request(.post, path, token: admin.token, body: body))
      #expect(response == .failure(.malformed) || response == .failure(.tooLarge))
    }
  }

  @Test(arguments: [
    Path.chains, Path.chainAppend, Path.invitations, Path.invitationList, Path.enrolmentList,
    Path.enrolmentAnswer, Path.enrolmentApprove, Path.sessionEnd, Path.wraps, Path.wrapsFetch,
    Path.blobsMissing, Path.blobsPut, Path.blobsFetch, Path.feed, Path.pull, Path.push,
    Path.journal, Path.purged,
  ])
  func needsASession(path: String) throws {
    let world = try World()
    #expect(world.server.handle(Request(.post, path)) == .failure(.sessionMissing))
    let unknown = Request(.post, path, token: "00")
    #expect(world.server.handle(unknown) == .failure(.sessionExpired))
  }
}
