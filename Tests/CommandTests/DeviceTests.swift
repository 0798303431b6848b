import CommandSupport
import Testing

/// A second device of an account: asked for with a token, let in with the short code.
@Suite(.clinic, .serialized) struct DeviceTests {
  private func join(_ first: Person, _ name: String) throws -> (device: Person, code: String) {
    let clinic = try Clinic.current
    let token = try first.does("device", "add")
    let second = try clinic.stage.person(name)
    try second.does("init", "--server", clinic.server.url, "--join", token, "--no-wait")
    let shown = try first.does("device", "approve")
    let waiting = try second.run("sync", expecting: 3)
    let code = try #require(waiting.out.split(separator: "\n").first?.split(separator: ": ").last)
    #expect(shown.contains("asks to join; short code: \(code)"))
    return (second, String(code))
  }

  @Test func rightCodeLetsTheDeviceIn() throws {
    let ann = try Clinic.current.newcomer("Ann", "client")
    let (second, code) = try join(ann, "ann-phone")
    let early = try second.run("sync", expecting: 3)
    #expect(early.err.contains("nobody has approved this device yet"))
    let approved = try ann.does("device", "approve", "--code", code)
    #expect(approved.contains("is in"))
    try second.does("sync")
    let devices = try second.does("device", "ls").split(separator: "\n").dropFirst()
    #expect(devices.count == 2)
    #expect(devices.count { $0.contains("this one") } == 1)
    #expect(try ann.does("device", "ls").split(separator: "\n").dropFirst().count == 2)
  }

  /// The line went dead, or the person typed the same again: it goes on where it was.
  @Test func theSameTokenGoesOnAndAnotherBeginsAnew() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Again", "client")
    let token = try ann.does("device", "add")
    let second = try clinic.stage.person("ann-again-phone")
    let joining = ["init", "--server", clinic.server.url, "--join", token, "--no-wait"]
    #expect(try second.run(typed: joining).exit == 0)
    #expect(try second.run(typed: joining).exit == 0)
    let cancelled = try ann.does("device", "cancel")
    #expect(cancelled.contains("1 token is taken back"))
    let ended = try second.run("sync", expecting: 5)
    #expect(ended.err.contains("error: the other device let nobody in"))
    #expect(ended.err.contains("hint: make another token"))
    let another = try ann.does("device", "add")
    let begun = try second.run(
      "init", "--server", clinic.server.url, "--join", another, "--no-wait", expecting: 0)
    #expect(begun.err.contains("begins anew"))
    try ann.does("device", "approve")
    let waiting = try second.run("sync", expecting: 3)
    let code = try #require(waiting.out.split(separator: "\n").first?.split(separator: ": ").last)
    try ann.does("device", "approve", "--code", String(code))
    let refused = try second.run("sync", "--code", code == "000000" ? "1" : "000000", expecting: 5)
    #expect(refused.err.contains("the other device shows another code"))
    try second.does("sync", "--code", String(code))
    let third = try clinic.stage.person("ann-third")
    let used = try third.run(
      "init", "--server", clinic.server.url, "--join", another, expecting: 5)
    #expect(used.err.contains("another device has used this token"))
    #expect(!third.hasHome)
  }

  @Test func devicesHaveNames() throws {
    let ann = try Clinic.current.newcomer("Ann Names", "client")
    let (second, code) = try join(ann, "names-phone")
    try ann.does("device", "approve", "--code", code)
    try second.does("sync")
    let own = try #require(
      try second.does("device", "ls").split(separator: "\n")
        .first { $0.contains("this one") }?.prefix(12))
    let renamed = try second.does("device", "rename", String(own), "Phone")
    #expect(renamed.contains("is called Phone"))
    try second.does("sync")
    try ann.does("sync")
    let line = try #require(
      try ann.does("device", "ls").split(separator: "\n").first { $0.hasPrefix(own) })
    #expect(line.contains("  Phone  "))
    try ann.does("device", "revoke", "phone", "--yes")
    #expect(try ann.does("device", "ls", "--json").contains("\"name\": \"Phone\""))
    try ann.run("device", "rename", "nothing", "X", expecting: 1)
  }

  @Test func wrongCodeLetsNobodyIn() throws {
    let ann = try Clinic.current.newcomer("Ann Careful", "client")
    let (second, code) = try join(ann, "not-ann")
    let wrong = code == "000000" ? "000001" : "000000"
    let outcome = try ann.run("device", "approve", "--code", wrong, expecting: 5)
    #expect(outcome.err.contains("error: the short codes differ: nobody was let in"))
    try second.run("sync", expecting: 3)
    #expect(try ann.does("device", "ls").split(separator: "\n").dropFirst().count == 1)
  }

  @Test func waitingDeviceGoesOnByItself() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Waits", "client")
    let token = try ann.does("device", "add")
    let second = try clinic.stage.person("ann-tablet")
    let waiting = try second.starts("init", "--server", clinic.server.url, "--join", token)
    let asks = try waiting.line(after: "this device asks to join")
    #expect(asks.contains("satchel device approve"))
    try ann.does("device", "approve")
    let code = try waiting.line(after: "short code: ")
    try ann.does("device", "approve", "--code", code)
    let outcome = try waiting.finish()
    #expect(outcome.exit == 0, "\(outcome.transcript)")
    #expect(outcome.out.contains("this device belongs to the account now"))
  }

  @Test func aLostDeviceIsTakenOut() throws {
    let ann = try Clinic.current.newcomer("Ann Lost", "client")
    let (second, code) = try join(ann, "lost-phone")
    try ann.does("device", "approve", "--code", code)
    try second.does("sync")
    let lines = try second.does("device", "ls").split(separator: "\n")
    let own = try #require(lines.first { $0.contains("this one") }?.prefix(32))
    let unsure = try ann.run("device", "revoke", String(own), expecting: 2)
    #expect(unsure.err.contains("--yes"))
    let revoked = try ann.does("device", "revoke", String(own.prefix(12)), "--yes")
    #expect(revoked.contains("the account has a new key"))
    #expect(try ann.does("device", "ls").contains("taken out"))
    #expect(try ann.does("device", "ls", "--json").contains("\"revoked\":"))
    #expect(try ann.does("status").contains("key debt      none"))
    let told = try second.run("sync", expecting: 3)
    #expect(told.out.contains("removed from this device"))
    #expect(told.err.contains("this device was taken out of its account"))
    try second.run("sync", expecting: 3)
    #expect(try second.does("status").contains("taken out of the account"))
    let again = try ann.run("device", "revoke", String(own), "--yes", expecting: 1)
    #expect(again.err.contains("was taken out already"))
    let mine = try ann.does("device", "ls").split(separator: "\n")
      .first { $0.contains("this one") }?.prefix(32)
    let itself = try ann.run("device", "revoke", String(try #require(mine)), "--yes", expecting: 1)
    #expect(itself.err.contains("by another device"))
  }

  @Test func cutTokenAndNobodyAsking() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Alone", "client")
    let token = try ann.does("device", "add")
    let second = try clinic.stage.person("cut")
    let outcome = try second.run(
      "init", "--server", clinic.server.url, "--join", String(token.dropLast(5)), expecting: 2)
    #expect(outcome.err.contains("this is not a whole device token"))
    #expect(!second.hasHome)
    let nobody = try ann.run("device", "approve", "--code", "123456", expecting: 1)
    #expect(nobody.err.contains("no device asks to join"))
  }
}
