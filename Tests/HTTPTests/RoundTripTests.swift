import Testing

@testable import HTTP

@Suite struct RoundTripTests {
  @Test(arguments: [0, 1, 65_537, 8 * 1024 * 1024])
  func bodiesTravelBothWays(byteCount: Int) throws {
    var random = SplitMix64(seed: UInt64(byteCount) + 1)
    let body = (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let server = try startedServer(handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let client = try client(of: server)
    let response = try client.send(method: "POST", path: "/echo", body: body)
    #expect(response.status == 200)
    #expect(response.body == body)
  }
}
