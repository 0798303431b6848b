import Merge
import Testing

@testable import Replica

struct VaultSmokeTests {
  @Test func addsAndOpens() throws {
    let t0 = ContinuousClock.now
    let world = try VaultWorld()
    let client = try world.join(.client, "Cleo")
    print("client", ContinuousClock.now - t0)
    let practitioner = try world.join(.practitioner, "Pia")
    try world.engage(practitioner, client)
    print("engaged", ContinuousClock.now - t0)
    let path = try world.write("a.txt", "hello")
    let report = try client.addToVault([path])
    #expect(report.problems.isEmpty)
    #expect(try client.content("a.txt") == Array("hello".utf8))
    try client.share("a.txt", with: practitioner.identity.account, untilMilliseconds: nil, permissions: [.viewFiles])
    try world.sync(client, practitioner)
    #expect(try practitioner.content(shared: "a.txt") == Array("hello".utf8))
    let second = try world.device(of: client)
    #expect(try second.content("a.txt") == Array("hello".utf8))
    print("end", ContinuousClock.now - t0)
  }
}
