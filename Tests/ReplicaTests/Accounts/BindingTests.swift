import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// An administrator's device binds whoever came with its invitation, once, whatever happens.
@Suite struct BindingTests {
  /// Somebody new, who has registered and is not bound yet: the request alone, without a home, whose
  /// password would have to be derived.
  private func newcomer(_ world: World, _ number: Int) throws -> (name: String, AccountID) {
    let name = "Newcomer \(number)"
    let invitation = try world.admin.replica.invite(
      role: .practitioner, name: name, world.admin.network)
    let environment = world.admin.environment
    let device = NewDevice(environment)
    let accountKey = ExchangeKey(random: environment.random)
    let wrap = try accountKey.withSecret {
      try SealedBox.seal($0, to: device.exchange.publicKey, random: environment.random)
    }
    let creation = AccountCreation(
      accountKey: accountKey.publicKey, device: device.certificate,
      accountKeyWrap: Hasher256.content(wrap))
    let signed = SignedStatement(
      Statement(
        subject: .newChain, index: 0, previous: nil, account: nil,
        device: device.certificate.device, timeMilliseconds: environment.nowMilliseconds(),
        body: .accountCreation(creation)),
      key: device.identity)
    let account = AccountID(signed.hash)
    let request = AccountRequest(
      creation: signed, accountKeyWrap: wrap, invitation: invitation.lookup,
      role: .practitioner,
      acceptance: invitation.acceptance(account: account, head: signed.point))
    _ = try Connection(world.admin.network).send(.post, Path.accounts, request.encoded)
    return (name, account)
  }

  private func expectBound(
    _ newcomer: (name: String, account: AccountID), _ world: World
  ) throws {
    let admin = world.admin.replica
    let member = try admin.chains.organisationChain(world.facts.organisation)?
      .members[newcomer.account]
    #expect(member?.name == newcomer.name)
    #expect(member?.role == .practitioner)
    let stage = try admin.invitations(world.admin.network).last?.stage
    #expect(stage == .accepted)
    let known = try admin.person(named: newcomer.name)
    #expect(known == newcomer.account)
    let kinds = try world.admin.evidenceKinds()
    #expect(kinds == [])
  }

  @Test(arguments: [Network.Fault.loseRequest, .loseResponse])
  func noRequestIsSpecial(_ fault: Network.Fault) throws {
    let world = try World(opening: ["admin"])
    let network = world.admin.network
    var number = 0
    var isReached = true
    while isReached {
      let person = try newcomer(world, number)
      network.reset()
      network.fault = { index, _ in index == number ? fault : .none }
      do { try world.admin.sync() } catch ReplicaError.notReachable {}
      isReached = network.requests.count > number
      network.reset()
      try world.admin.sync()
      try expectBound(person, world)
      number += 1
    }
    #expect(number > 8)
  }

  @Test func noCrashIsSpecial() throws {
    let world = try World(opening: ["admin"])
    var number = 0
    var isReached = true
    while isReached {
      let person = try newcomer(world, number)
      isReached = try world.admin.crash(at: number) { try world.admin.sync() }
      try world.admin.sync()
      try expectBound(person, world)
      number += 1
    }
    #expect(number > 3)
  }
}
