import CommandSupport
import Foundation
import Testing

/// `password change` of the real process, killed.
@Suite(.clinic, .serialized) struct KilledPasswordChangeTests {
  /// Where the process is killed: after a part of the time that it takes, or so long after its first
  /// write to the disk.
  enum Moment: CustomTestStringConvertible {
    case part(Double)
    case afterWriting(microseconds: UInt32)

    var testDescription: String {
      switch self {
      case .part(let part): "\(Int(part * 100)) %"
      case .afterWriting(let microseconds): "\(microseconds) µs after the first write"
      }
    }
  }

  static let moments: [Moment] =
    [0.1, 0.5, 0.8, 0.95, 1.1].map { .part($0) }
    + [0, 300, 1_000, 3_000, 10_000].map { .afterWriting(microseconds: $0) }

  private func size(_ path: String) -> off_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_size : 0
  }

  private func kill(_ running: Running, _ moment: Moment, home: String, seconds: Double) throws {
    switch moment {
    case .part(let part): usleep(UInt32(part * seconds * 1_000_000))
    case .afterWriting(let microseconds):
      let before = size(home + "/replica.db-wal")
      let deadline = Date().addingTimeInterval(10 * seconds)
      while size(home + "/replica.db-wal") == before, Date() < deadline { usleep(100) }
      usleep(microseconds)
    }
    Foundation.kill(running.process, SIGKILL)
    _ = try running.finish()
  }

  @Test func oneOfTheTwoPasswordsOpensEverything() throws {
    let clinic = try Clinic.current
    let ann = try clinic.newcomer("Ann Killed", "client")
    let next = try clinic.stage.file("next-killed", "another horse\n")
    // Unsent.
    try ann.does("vault", "add", try clinic.stage.file("plan.txt", "plan"))
    try ann.does("lock")
    let pristine = ann.home + ".pristine"
    try FileManager.default.copyItem(atPath: ann.home, toPath: pristine)
    func restore() throws {
      try FileManager.default.removeItem(atPath: ann.home)
      try FileManager.default.copyItem(atPath: pristine, toPath: ann.home)
    }
    let start = Date()
    try ann.does("password", "change", "--new-password-file", next)
    let seconds = Date().timeIntervalSince(start)
    var opened: Set<String> = []
    for moment in Self.moments {
      try restore()
      let running = try ann.starts("password", "change", "--new-password-file", next)
      try kill(running, moment, home: ann.home, seconds: seconds)
      let old = try ann.run(typed: ["vault", "cat", "plan.txt"])
      let new = try ann.run(
        typed: ["vault", "cat", "plan.txt"], with: ["SATCHEL_PASSWORD_FILE": next])
      #expect(
        Set([old.exit, new.exit]) == [0, 3], "\(moment): \(old.transcript)\(new.transcript)")
      #expect((old.exit == 0 ? old : new).out == "plan", "\(moment)")
      opened.insert(old.exit == 0 ? "old" : "new")
    }
    // Killed before and after, else this tests nothing.
    #expect(opened == ["old", "new"])
    // Nothing of it is lost on the way to the server.
    let file = try ann.run(typed: ["people"]).exit == 0 ? ann.passwordFile : next
    let synced = try ann.does("sync", with: ["SATCHEL_PASSWORD_FILE": file])
    #expect(synced.contains("1 sent"))
  }
}
