import CommandSupport
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A new device on its way in, and a server in the middle that holds its token too.
@Suite struct EnrolmentTests {
  private let practice: Practice
  private var client: Party { practice.world.client }

  init() throws { practice = try Practice() }

  private func ask(
    _ token: String, as name: String, expecting exit: Int32 = 0
  ) throws -> (party: Party, person: Person, said: String) {
    let new = try practice.newcomer(name)
    let url = try practice.line(of: new.party).url
    let outcome = try new.person.run(
      "init", "--server", url, "--join", token, "--no-wait", expecting: exit)
    return (new.party, new.person, outcome.err)
  }

  private func code(_ shown: String) throws -> String {
    let line = try #require(shown.split(separator: "\n").first { $0.contains("short code: ") })
    return String(try #require(line.split(separator: ": ").last))
  }

  /// The server shows the owner this request alone: right in every way, but of other keys.
  private func show(_ device: NewDevice, token: String) throws {
    let offer = try Enrolment(token: token)
    let certificate = device.certificate
    let nonce = EnrolmentNonce(Hasher256.content([1]))
    let request = EnrolmentRequest(
      account: offer.account, lookup: offer.lookup, certificate: certificate,
      proof: device.identity.sign(
        certificate.proofMessage(for: offer.account), .deviceProof),
      nonce: nonce, mac: offer.requestMAC(certificate, nonce))
    client.network.alter = { asked, response in
      asked.path == Path.enrolmentList
        ? .success(EnrolmentList(requests: [request]).encoded) : response
    }
  }

  private func expectNobodyMore(than count: Int, _ owner: Person) throws {
    let devices = try owner.does("device", "ls").split(separator: "\n").dropFirst()
    #expect(devices.count == count, "\(devices)")
  }

  /// Nothing is wrong with what either device is shown, but the two codes.
  @Test func substitutedKeys() throws {
    let owner = try practice.atTheProgram(client)
    let token = try owner.does("device", "add")
    let phone = try ask(token, as: "phone")
    let thief = NewDevice(phone.party.environment)
    try show(thief, token: token)
    let shown = try owner.does("device", "approve")
    #expect(shown.contains("device \(thief.certificate.device.hex) asks to join"))
    let waiting = try phone.person.run("sync", expecting: 3)
    let (here, there) = (try code(shown), try code(waiting.out))
    #expect(here != there)
    // A no on either side.
    let refused = try owner.run("device", "approve", "--code", there, expecting: 5)
    #expect(refused.err.contains("error: the short codes differ: nobody was let in"))
    #expect(refused.err.contains("do not go on: satchel device cancel"))
    let doubted = try phone.person.run("sync", "--code", here, expecting: 5)
    #expect(doubted.err.contains("the other device shows another code: this device did not join"))
    #expect(doubted.err.contains("do not go on: begin again with another token"))
    #expect(try owner.does("device", "cancel").contains("1 token is taken back"))
    let ended = try phone.person.run("sync", expecting: 5)
    #expect(ended.err.contains("error: the other device let nobody in"))
    client.network.reset()
    try owner.run("device", "approve", expecting: 1)
    try expectNobodyMore(than: 2, owner)
    try owner.does("sync")
  }

  /// Who knew the owner's nonce beforehand could look for keys with the right code.
  @Test func anotherNonceThanTheTokens() throws {
    let owner = try practice.atTheProgram(client)
    let token = try owner.does("device", "add")
    let lookup = try Enrolment(token: token).lookup
    let phone = try ask(token, as: "phone")
    phone.party.network.alter = { request, response in
      guard request.path == Path.enrolmentResult else { return response }
      let answer = EnrolmentAnswer(lookup: lookup, nonce: EnrolmentNonce(.zero))
      return .success(EnrolmentResult(answer: answer).encoded)
    }
    let outcome = try phone.person.run("sync", expecting: 5)
    #expect(outcome.err.contains("the answer is not by the device that made the token"))
    #expect(!outcome.out.contains("short code"))
    try expectNobodyMore(than: 2, owner)
  }

  /// Also where the server forgets that a token was used.
  @Test func aUsedToken() throws {
    let owner = try practice.atTheProgram(client)
    let token = try owner.does("device", "add")
    let phone = try ask(token, as: "phone")
    let own = try code(try owner.does("device", "approve"))
    try owner.does("device", "approve", "--code", own)
    try phone.person.does("sync", "--code", own)
    let second = try ask(token, as: "second", expecting: 5)
    #expect(second.said.contains("another device has used this token"))
    #expect(!second.person.hasHome)
    try show(NewDevice(second.party.environment), token: token)
    let outcome = try owner.run("device", "approve", expecting: 1)
    #expect(outcome.err.contains("error: no device asks to join"))
    try expectNobodyMore(than: 3, owner)
  }

  /// Also where the server forgets how old a token is.
  @Test func anOldToken() throws {
    let owner = try practice.atTheProgram(client)
    let token = try owner.does("device", "add")
    // The program's clock goes on while it runs: the token ends a little later than the world says.
    practice.world.clock.advance(milliseconds: Enrolment.lifetimeMilliseconds + 60_000)
    let late = try ask(token, as: "late", expecting: 5)
    #expect(late.said.contains("the token has expired"))
    #expect(!late.person.hasHome)
    try show(NewDevice(late.party.environment), token: token)
    let outcome = try owner.run("device", "approve", expecting: 1)
    #expect(outcome.err.contains("error: no device asks to join"))
    try expectNobodyMore(than: 2, owner)
  }
}
