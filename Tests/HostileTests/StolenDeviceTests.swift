import CommandSupport
import Foundation
import Merge
import Sealing
import Signing
import Simulation
import SyncProtocol
import Testing

@testable import Replica

/// A device in the wrong hands, locked: its disk, and what its keys without a password can do.
@Suite struct StolenDeviceTests {
  private let practice: Practice
  private var tablet: Party { practice.world.tablet }

  init() throws { practice = try Practice() }

  private static let canaries = [
    "title": "canary title of a ticket", "content": "canary content of a file",
    "name": "canary-name.txt", "comment": "canary comment",
  ]

  /// What the device knows while it is unlocked: texts, and the keys themselves.
  private func secrets() throws -> [String: Data] {
    let replica = tablet.replica
    let keys = try replica.unlockedKeys()
    var found = Self.canaries.mapValues { Data($0.utf8) }
    found["password"] = Data(Party.password.utf8)
    found["password key"] = keys.withPasswordKey { Data($0) }
    found["identity key"] = try keys.identity().withSeed { Data($0) }
    found["local key"] = try keys.local().withBytes { Data($0) }
    for space in [replica.vault, practice.casework] {
      for epoch in try replica.store.state(space).epochs {
        let key = try #require(try keys.symmetric(.epoch(space, epoch.id)))
        found["epoch key of \(space.hex)"] = key.withBytes { Data($0) }
      }
    }
    return found
  }

  private func write() throws {
    let name = try #require(Self.canaries["name"])
    let path = try practice.stage.file(name, Self.canaries["content"] ?? "")
    #expect(try tablet.replica.addToVault([path]).problems.isEmpty)
    let ticket = try tablet.makeTicket(
      in: practice.casework, title: Self.canaries["title"] ?? "")
    try tablet.write(
      .create, "comment", tablet.newRecordID(),
      [
        .init("ticket", .bytes(ticket.bytes)),
        .init("text", .text(Self.canaries["comment"] ?? "")),
      ], in: practice.casework)
    try tablet.sync()
    // And something that was never sent.
    try tablet.makeTicket(in: practice.casework, title: Self.canaries["title"] ?? "")
  }

  @Test func nothingOnTheDiskOpensIt() throws {
    try write()
    let secrets = try secrets()
    let person = try practice.atTheProgram(tablet)
    try person.does("ticket", "ls")
    let home = URL(filePath: tablet.homePath)
    let files = try FileManager.default.subpathsOfDirectory(atPath: home.path).sorted()
    #expect(files.contains("replica.db") && files.contains { $0.hasPrefix("blobs/") })
    for file in files where !file.hasSuffix(".sock") {
      var isFolder: ObjCBool = false
      let path = home.appending(path: file)
      guard FileManager.default.fileExists(atPath: path.path, isDirectory: &isFolder),
        !isFolder.boolValue
      else { continue }
      let bytes = try Data(contentsOf: path)
      for (name, secret) in secrets.sorted(by: { $0.key < $1.key }) {
        #expect(bytes.range(of: secret) == nil, "\(name) is in \(file)")
      }
    }
  }

  @Test func theProgramDoesNothingWithoutThePassword() throws {
    try write()
    let person = try practice.atTheProgram(tablet)
    let none = ["SATCHEL_PASSWORD_FILE": ""]
    let write = ["ticket", "new", "--kind", "bug", "--title", "by the thief"]
    for words in [
      write, ["ticket", "ls"], ["vault", "cat", "canary-name.txt"], ["device", "add"],
    ] {
      let outcome = try person.run(typed: words, with: none)
      #expect(outcome.exit == 3 && outcome.out.isEmpty, "\(outcome.transcript)")
      #expect(outcome.err.contains("error: the home is locked"))
      #expect(outcome.err.contains("hint: unlock it with `satchel unlock`"))
    }
    let guess = try practice.stage.file("guess", "letmein\n")
    let wrong = try person.run(typed: write, with: ["SATCHEL_PASSWORD_FILE": guess])
    #expect(wrong.exit == 3 && wrong.err.contains("error: wrong password"), "\(wrong.transcript)")
    let sync = try person.run("sync", expecting: 0, with: none)
    #expect(sync.err.contains("the home is locked: nothing was sent"))
  }

  /// The one key that lies open signs nothing but a session that reads.
  @Test func theTransportKeyOnlyReads() throws {
    let replica = tablet.replica
    let key = try replica.settings.transportKey()
    let transport = try practice.transport(tablet)
    #expect(throws: ReplicaError.server(.badSignature)) {
      try Connection(transport).openSession(
        replica.identity, scope: .full, key: key, onTime: { _ in })
    }
    let session = Connection(transport)
    try session.openSession(replica.identity, scope: .pull, key: key, onTime: { _ in })
    _ = try session.call(Path.feed, FeedRequest(after: 0), FeedResponse.self)
    let vault = replica.vault.hex
    let denied: [(Request.Method, String)] = [
      (.post, Path.push), (.post, Path.wraps), (.post, Path.chainAppend),
      (.post, Path.invitations), (.post, Path.enrolmentApprove),
      (.put, Path.blob(space: vault, hash: Digest.zero.hex)),
      (.get, Path.blob(space: vault, hash: Digest.zero.hex)),
    ]
    for (method, path) in denied {
      #expect(throws: ReplicaError.server(.notAllowed)) { try session.send(method, path) }
    }
    // As a journal's or a statement's signature it counts for nothing.
    let last = try #require(
      try replica.chains.statements(.account(replica.identity.account)).last)
    let forged = SignedStatement(
      Statement(
        subject: .chain(.account(replica.identity.account)), index: last.statement.index + 1,
        previous: last.hash, account: replica.identity.account,
        device: replica.identity.device, timeMilliseconds: 1, body: last.statement.body),
      key: key)
    #expect(
      !forged.isSigned(
        by: try #require(
          try replica.ownChain().devices[replica.identity.device]
        ).certificate.identity))
  }
}
