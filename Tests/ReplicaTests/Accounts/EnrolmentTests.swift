import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SyncServer

@Suite struct EnrolmentTests {
  private func ask(_ party: Party, _ offer: Enrolment) throws {
    let home = try Home.create(at: party.homePath)
    try party.withPassword { password in
      _ = try Replica.enrol(
        home: home, password: password, enrolment: offer, url: "test:",
        transport: party.network, environment: party.environment)
    }
  }

  /// What the new device shows; `nil` while the other one has not looked.
  private func code(_ party: Party) throws -> String? {
    let pending = try party.withPassword { password in
      try PendingEnrolment.open(
        Home.open(at: party.homePath), password: password, environment: party.environment)
    }
    guard case .code(let code) = try pending.proceed(party.network) else { return nil }
    return code
  }

  private func finish(_ party: Party) throws -> Bool {
    let home = try Home.open(at: party.homePath)
    let replica = try party.withPassword { password in
      try Replica.finishEnrolment(
        home: home, password: password, transport: party.network,
        environment: party.environment)
    }
    guard let replica else { return false }
    try party.adopt(replica)
    return true
  }

  @Test func aNewDeviceTakesPart() throws {
    let world = try World(opening: ["client"])
    let (client, phone) = (world.client, world.makeParty("phone"))
    let ticket = try client.makeTicket(in: world.facts.casework, title: "from before")
    try client.sync()
    try ask(phone, client.replica.offerEnrolment())
    let early = try code(phone)
    #expect(early == nil)
    let candidates = try client.replica.candidates(client.network)
    let shown = try code(phone)
    #expect(candidates.map(\.shortCode) == [try #require(shown)])
    let isEarly = try finish(phone)
    #expect(!isEarly)
    try client.replica.approve(try #require(candidates.first), client.network)
    let isIn = try finish(phone)
    #expect(isIn)
    try phone.sync()
    let title = try phone.shownText("ticket", ticket, "title", in: world.facts.casework)
    #expect(title == "from before")
    _ = try phone.makeTicket(in: world.facts.casework)
    try world.settle()
    try world.expectConverged()
    let devices = try client.replica.devices().map(\.id)
    #expect(devices.contains(phone.replica.identity.device))
  }

  @Test func whoDoesNotHaveTheSecretIsNoCandidate() throws {
    let world = try World(opening: ["client"])
    let (client, thief) = (world.client, world.makeParty("thief"))
    let offer = try client.replica.offerEnrolment()
    let guess = Enrolment(
      server: offer.server, account: offer.account, role: offer.role,
      accountHead: offer.accountHead, expiresMilliseconds: offer.expiresMilliseconds,
      nonce: EnrolmentNonce(Digest.zero), secret: SharedSecret(random: SeededRandom(seed: 3)))
    try ask(thief, guess)
    let candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
  }

  /// The server shows the approving device another certificate than the new device sent.
  @Test func aSubstitutedDeviceIsNoCandidate() throws {
    let world = try World(opening: ["client"])
    let (client, phone) = (world.client, world.makeParty("phone"))
    try ask(phone, client.replica.offerEnrolment())
    let own = NewDevice(phone.environment)
    client.network.alter = { request, response in
      guard request.path == Path.enrolmentList, case .success(let bytes) = response else {
        return response
      }
      return Self.substitute(bytes, own) ?? response
    }
    let candidates = try client.replica.candidates(client.network)
    #expect(candidates.isEmpty)
  }

  private static func substitute(_ bytes: [UInt8], _ device: NewDevice) -> Response? {
    do {
      let requests = try EnrolmentList(decoding: bytes).requests.map { request in
        EnrolmentRequest(
          account: request.account, lookup: request.lookup, certificate: device.certificate,
          proof: device.identity.sign(
            device.certificate.proofMessage(for: request.account), .deviceProof),
          nonce: request.nonce, mac: request.mac)
      }
      return .success(EnrolmentList(requests: requests).encoded)
    } catch {
      return nil
    }
  }

  /// The server approves by itself, with a made-up account that certifies the device.
  @Test func aForgedApprovalIsNoticed() throws {
    let world = try World(opening: ["client"])
    let (client, phone) = (world.client, world.makeParty("phone"))
    try ask(phone, client.replica.offerEnrolment())
    let candidate = try #require(try client.replica.candidates(client.network).first)
    try client.replica.approve(candidate, client.network)
    phone.network.alter = { request, response in
      guard request.path == Path.enrolmentResult, case .success(let bytes) = response else {
        return response
      }
      return Self.forgeApproval(bytes) ?? response
    }
    #expect(throws: ReplicaError.self) { try finish(phone) }
    // Told the truth, the same home gets in.
    phone.network.reset()
    let isIn = try finish(phone)
    #expect(isIn)
    try phone.sync()
  }

  private static func forgeApproval(_ bytes: [UInt8]) -> Response? {
    do {
      let result = try EnrolmentResult(decoding: bytes)
      let approval = result.approval.map {
        EnrolmentApproval(
          lookup: $0.lookup, accountHead: $0.accountHead, handedHeads: $0.handedHeads, mac: .zero)
      }
      return .success(
        EnrolmentResult(answer: result.answer, approval: approval, chain: result.chain).encoded)
    } catch {
      return nil
    }
  }

  /// Trouble with any one request on the way in; asked again, the device gets in.
  @Test(arguments: [Network.Fault.loseRequest, .loseResponse, .duplicateRequest])
  func noRequestOfAnEnrolmentIsSpecial(_ fault: Network.Fault) throws {
    let world = try World(opening: ["client"])
    let client = world.client
    var isReached = true
    var number = 0
    while isReached {
      let phone = world.makeParty("phone \(number)")
      phone.network.fault = { index, _ in index == number ? fault : .none }
      do { try ask(phone, client.replica.offerEnrolment()) } catch is ReplicaError {}
      if !Home.exists(at: phone.homePath) {
        // Cut off before anything was made: the person starts again.
        number += 1
        continue
      }
      do { _ = try finish(phone) } catch is ReplicaError {}
      let candidate = try client.replica.candidates(client.network).first
      try client.replica.approve(try #require(candidate), client.network)
      var isIn = false
      do { isIn = try finish(phone) } catch is ReplicaError {}
      isReached = phone.network.requests.count > number
      phone.network.reset()
      if !isIn { isIn = try finish(phone) }
      #expect(isIn, "\(number)")
      try phone.sync()
      try world.expectConverged([phone.name])
      number += 1
    }
  }

  /// The same on the device that is there.
  @Test(arguments: [Network.Fault.loseRequest, .loseResponse, .duplicateRequest])
  func noRequestOfAnApprovalIsSpecial(_ fault: Network.Fault) throws {
    let world = try World(opening: ["client"])
    let client = world.client
    var isReached = true
    var number = 0
    while isReached {
      let phone = world.makeParty("phone \(number)")
      try ask(phone, client.replica.offerEnrolment())
      client.network.reset()
      client.network.fault = { index, _ in index == number ? fault : .none }
      do { try approveAll(client) } catch is ReplicaError {}
      isReached = client.network.requests.count > number
      client.network.reset()
      // What was lost is done again; what has arrived is not asked for any more.
      try approveAll(client)
      let isIn = try finish(phone)
      #expect(isIn, "\(number)")
      let withdrawn = try client.replica.withdrawEnrolments(client.network)
      #expect(withdrawn <= 1)
      try phone.sync()
      number += 1
    }
    #expect(number > 6)
  }

  private func approveAll(_ party: Party) throws {
    for candidate in try party.replica.candidates(party.network) {
      try party.replica.approve(candidate, party.network)
    }
  }

  /// The new device's process ends while it waits for an answer; what is on disk then goes on.
  @Test func aJoinMayBeCutOffAnywhere() throws {
    let world = try World(opening: ["client"])
    let client = world.client
    var number = 0
    var isReached = true
    while isReached {
      let phone = world.makeParty("phone \(number)")
      try ask(phone, client.replica.offerEnrolment())
      let candidate = try client.replica.candidates(client.network).first
      try client.replica.approve(try #require(candidate), client.network)
      isReached = try cutOff(phone, at: number)
      if isReached {
        let isWaiting = try Replica.awaitsApproval(Home.open(at: phone.homePath))
        #expect(isWaiting)
        let isIn = try finish(phone)
        #expect(isIn)
      }
      try phone.sync()
      try world.expectConverged([phone.name])
      number += 1
    }
    #expect(number > 3)
  }

  /// - Returns: whether finishing came to the request.
  private func cutOff(_ phone: Party, at number: Int) throws -> Bool {
    // A crash point that is reached at once, by a request in place of a transaction.
    let point = CrashPoint(0, folder: phone.homePath)
    phone.network.reset()
    phone.network.fault = { index, _ in
      guard index == number else { return .none }
      do { try point.reach() } catch {}
      return .loseRequest
    }
    do { _ = try finish(phone) } catch ReplicaError.notReachable {}
    phone.network.reset()
    if point.hasCrashed { try point.restore() }
    return point.hasCrashed
  }
}
