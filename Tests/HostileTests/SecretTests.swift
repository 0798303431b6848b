import CommandSupport
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// Keys in the memory of processes: where they are, and that they are gone.
@Suite(.serialized) struct SecretTests {
  private let practice: Practice

  /// No other test of this process draws the same keys.
  init() throws { practice = try Practice(seed: 977) }

  /// Processes whose second and third words are these.
  private func agent(of home: String) throws -> pid_t? {
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc").sorted() {
      guard let process = pid_t(name) else { continue }
      guard let bytes = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else {
        continue
      }
      let words = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      if words.dropFirst().first == "agent-serve", words.dropFirst(2).first == home {
        return process
      }
    }
    return nil
  }

  /// While it is unlocked the agent has the key, once, and nothing else has it; after `lock` there is
  /// no such process.
  @Test func theAgentsKeyIsGoneAfterLock() throws {
    let tablet = practice.world.tablet
    let scan = tablet.passwordKey.withUnsafeBytes { MemoryScan(for: $0) }
    let password = Array(Party.password.utf8).withUnsafeBytes { MemoryScan(for: $0) }
    let person = try practice.atTheProgram(tablet)
    try person.unlock()
    let process = try #require(try agent(of: person.home))
    try person.does("ticket", "ls", with: ["SATCHEL_PASSWORD_FILE": ""])
    let count = try scan.occurrences(in: process)
    // Where the tests may not debug processes, nor may anybody else of this user.
    if let count {
      #expect(count == 1)
      #expect(try password.occurrences(in: process) == 0)
    } else {
      #expect(getuid() != 0)
    }
    let words = try #require(FileManager.default.contents(atPath: "/proc/\(process)/cmdline"))
    #expect(words.range(of: Data(tablet.passwordKey)) == nil)
    #expect(words.range(of: Data(Party.password.utf8)) == nil)
    let limits = try String(contentsOfFile: "/proc/\(process)/limits", encoding: .utf8)
    let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core") })
    #expect(core.split(separator: " ").filter { $0 == "0" }.count == 2, "\(core)")
    try person.does("lock")
    #expect(try agent(of: person.home) == nil)
    #expect(try scan.occurrences(in: process) ?? 0 == 0)
    #expect(!FileManager.default.fileExists(atPath: person.home + "/agent.sock"))
    try person.run("ticket", "ls", expecting: 3, with: ["SATCHEL_PASSWORD_FILE": ""])
  }

  /// Its keys are in memory for as long as it runs.
  @Test func theServerLeavesNoCoreDump() throws {
    let stage = try Stage()
    _ = try TestServer.initialize(on: stage)
    let server = try TestServer(on: stage)
    let limits = try String(contentsOfFile: "/proc/\(server.process)/limits", encoding: .utf8)
    let core = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max core") })
    #expect(core.split(separator: " ").filter { $0 == "0" }.count == 2, "\(core)")
    try server.stop()
    try stage.close()
  }

  /// A token's secret is in no array or string of whoever makes it and hands it on.
  @Test func aTokenLeavesNoSecret() throws {
    let client = practice.world.client.replica
    let scan = try {
      let enrolment = try client.offerEnrolment()
      return enrolment.secret.withBytes { MemoryScan(for: $0) }
    }()
    let count = try #require(try scan.occurrences())
    #expect(count == 0, "the secret is in memory after it was handed out")
  }

  /// Whether the program can be run as a user who is not root: the tests' own, or nobody.
  static let canBeSomebodyElse: Bool = {
    guard getuid() == 0 else { return true }
    do {
      let stage = try Stage()
      let outcome = try Running(
        URL(filePath: "/usr/bin/setpriv"),
        ["--reuid=65534", "--regid=65534", "--clear-groups", Programs.satchel.path, "--version"],
        environment: stage.environment, in: stage.folder
      ).finish()
      try stage.close()
      return outcome.exit == 0
    } catch {
      return false
    }
  }()

  /// The system gives the agent's memory to nobody who is not root.
  @Test(.enabled(if: canBeSomebodyElse, "nobody cannot run the program from here"))
  func theAgentCannotBeDumped() throws {
    let person = try practice.atTheProgram(practice.world.tablet)
    // Root's processes are always root's: so the program is run as somebody else.
    let asNobody =
      getuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : ""
    if getuid() == 0 {
      for path in [person.home, person.passwordFile, practice.world.folder.path]
        + (try practice.folders(below: person.home))
      { chown(path, 65534, 65534) }
      chmod(practice.stage.folder.path, 0o755)
    }
    let control = try person.shell(
      "\(asNobody)sleep 60 & until [ -e /proc/$!/exe ]; do :; done; sleep 0.3; "
        + "stat -c %u /proc/$!/mem; kill $!")
    let user = getuid() == 0 ? 65534 : getuid()
    #expect(control.line == "\(user)", "\(control.transcript)")
    let unlocked = try person.shell("\(asNobody)satchel unlock --for 1m")
    try #require(unlocked.exit == 0, "\(unlocked.transcript)")
    let process = try #require(try agent(of: person.home))
    let owner = try person.shell("stat -c %u /proc/\(process)/mem")
    #expect(owner.line == "0", "\(owner.transcript)")
    let locked = try person.shell("\(asNobody)satchel lock")
    #expect(locked.exit == 0, "\(locked.transcript)")
  }

  /// Whoever uses the library has none of a home's keys in memory once it is locked or closed.
  @Test(arguments: ["locked", "closed"])
  func aReplicaLeavesNoKey(how: String) throws {
    // A newcomer: nobody else in this process has these keys.
    let party = try practice.world.joinSecond(.client)
    try party.sync()
    let path = try practice.stage.file("letter.txt", "words")
    #expect(try party.replica.addToVault([path]).problems.isEmpty)
    try party.sync()
    let scans = try scans(of: party.replica)
    for (name, scan) in scans {
      let count = try #require(try scan.occurrences())
      #expect(count >= 1, "\(name) is in memory while the home is unlocked")
    }
    if how == "locked" { party.replica.lock() } else { party.close() }
    for (name, scan) in scans {
      let count = try #require(try scan.occurrences())
      #expect(count == 0, "\(name) is in memory after it was \(how)")
    }
  }

  /// For keys that were used; holds none of them any longer itself.
  private func scans(of replica: Replica) throws -> [(name: String, scan: MemoryScan)] {
    let keys = try replica.unlockedKeys()
    let epoch = try #require(try replica.store.state(replica.vault).epochs.last)
    let vault = try #require(try keys.symmetric(.epoch(replica.vault, epoch.id)))
    let account = try #require(try keys.exchange(.account(generation: 0)))
    return [
      ("identity key", try keys.identity().withSeed { MemoryScan(for: $0) }),
      ("device key", try keys.local().withBytes { MemoryScan(for: $0) }),
      ("vault key", vault.withBytes { MemoryScan(for: $0) }),
      ("account key", account.withSecret { $0.withUnsafeBytes { MemoryScan(for: $0) } }),
    ]
  }
}
