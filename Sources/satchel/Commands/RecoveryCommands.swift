import Foundation
import Merge
import Replica
import Sealing
import Signing
import SyncProtocol
import Terminal

/// `recovery`: a device on paper, for when all others are gone.
enum RecoveryCommands {
  static var all: [Command] { [kit, restore, drill] }

  private static let pageOptions: [Terminal.Option] = [
    .value("text", "FILE", help: "write the page as text"),
    .value("svg", "FILE", help: "write the page as SVG with a QR code, for a printer"),
  ]

  // MARK: kit

  private static var kit: Command {
    Command(
      name: ["recovery", "kit"], summary: "make a recovery kit: words on one page",
      details: """
        Only one kit counts. A new one takes the place of the one before seven days after it was \
        made, so that who finds an unlocked device cannot be rid of the kit at once. Without --text \
        and --svg the words are printed on the terminal, which asks first.
        """,
      options: pageOptions
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        try make(replica, session.transport(replica, invocation), invocation)
      }
    }
  }

  private static func make(
    _ replica: Replica, _ transport: HTTPTransport, _ invocation: Invocation
  ) throws {
    let output = Session.shared.output
    let paths = paths(invocation)
    try paths.requireFree()
    if paths.isEmpty { try confirmPrinting() }
    let standing: KitStanding
    do {
      standing = try replica.makeKit(transport) { try paths.write(KitPage($0)) }
    } catch let error as ReplicaError {
      if case .notReachable = error {
        output.warning("whether this kit counts is not known: try it with satchel recovery drill")
      } else {
        try paths.remove()
      }
      throw error
    }
    output.line("recovery kit \(standing.device.hex.prefix(16)) is made")
    if let time = standing.countsFromMilliseconds {
      output.note("it counts from \(ValueText.time(time)) on; keep the one before it until then")
    }
    if !paths.isEmpty {
      output.note("print it, and remove the file: whoever has it has the account")
    }
  }

  private static func paths(_ invocation: Invocation) -> KitPaths {
    KitPaths(text: invocation.option("text"), svg: invocation.option("svg"))
  }

  private static func confirmPrinting() throws {
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 else {
      throw Failure.usage("give --text FILE or --svg FILE; words are printed on a terminal only")
    }
    Session.shared.output.write("Print the words on this screen? Type yes: ")
    guard readLine()?.lowercased() == "yes" else {
      throw Failure("no recovery kit was made", exitCode: .refused)
    }
  }

  // MARK: restore

  private static var restore: Command {
    Command(
      name: ["recovery", "restore"],
      summary: "bring the account back on an empty machine, with its recovery kit",
      details: """
        The kit is used up by it, and the account gets a new key. With --text or --svg the next kit \
        is made at once. Devices that were lost are taken out with --revoke-others, or one by one \
        with `satchel device revoke`.
        """,
      options: KitInput.options + [
        .value("server", "URL", help: "the server's address, if it is another than on the kit"),
        .flag("revoke-others", help: "take all other devices out of the account"),
      ] + pageOptions
    ) { invocation in
      try KitInput.withKit(invocation) { keys, code in
        let session = Session.shared
        try paths(invocation).requireFree()
        let url = invocation.option("server") ?? code.url
        let transport = try session.transport(url: url, invocation)
        try withHome(session.homePath(invocation)) { home, isNew in
          let replica = try withPassword(invocation, isNew: isNew) { password in
            try Replica.restore(
              home: home, password: SecretBytes(copying: password), kit: keys, code: code,
              transport: transport, environment: session.world)
          }
          if invocation.option("server") != nil { try replica.setServerURL(url) }
          session.output.line(
            "account \(code.account.hex.prefix(16)) is back; the recovery kit is used up")
          try finish(replica, transport, invocation)
        }
      }
    }
  }

  private static func finish(
    _ replica: Replica, _ transport: HTTPTransport, _ invocation: Invocation
  ) throws {
    let output = Session.shared.output
    SyncCommands.report(try SyncCommands.sync(replica, transport), output)
    if invocation.flag("revoke-others") {
      let own = replica.identity.device
      for device in try replica.devices()
      where device.id != own && !device.isKit && device.revokedMilliseconds == nil {
        try replica.revokeDevice(device.id, transport)
        output.line("device \(device.id.hex) is taken out")
      }
      SyncCommands.report(try SyncCommands.sync(replica, transport), output)
    } else if try replica.devices().count(where: { !$0.isKit && $0.revokedMilliseconds == nil }) > 1
    {
      output.note("take lost devices out: satchel device ls, satchel device revoke DEVICE")
    }
    if !paths(invocation).isEmpty {
      try make(replica, transport, invocation)
    } else {
      output.warning("the account has no recovery kit now; make one: satchel recovery kit")
    }
  }

  /// A new home, or one into which a restore was cut off.
  private static func withHome(
    _ path: String, _ body: (Home, _ isNew: Bool) throws -> Void
  ) throws {
    guard Home.exists(at: path) else {
      return try AccountCommands.withNewHome(path) { try body($0, true) }
    }
    let home = try Home.open(at: path)
    guard try Replica.isRestoring(home) else { throw ReplicaError.homeExists(path) }
    try body(home, false)
  }

  private static func withPassword<Result>(
    _ invocation: Invocation, isNew: Bool, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    if isNew { return try Session.shared.withNewPassword(invocation, body) }
    let source = try PasswordSource(invocation, environment: Session.environment)
    return try PasswordReader(source, output: Session.shared.output).withPassword(body)
  }

  // MARK: drill

  private static var drill: Command {
    Command(
      name: ["recovery", "drill"],
      summary: "try a recovery kit without using it up, also without a home",
      options: KitInput.options + [
        .value("server", "URL", help: "the server's address, if it is another than on the kit"),
        .flag("json"),
      ]
    ) { invocation in
      try KitInput.withKit(invocation) { keys, code in
        let session = Session.shared
        let transport = try session.transport(
          url: invocation.option("server") ?? code.url, invocation)
        let drill = try Replica.drill(keys, code, transport: transport)
        if invocation.flag("json") {
          session.output.json(json(drill))
        } else {
          for line in lines(drill) { session.output.line(line) }
        }
        if !drill.counts { throw ReplicaError.kitRefused(.waits) }
      }
    }
  }

  private static func lines(_ drill: KitDrill) -> [String] {
    let keys =
      drill.accountKeyCount == 1 ? "the account's key" : "\(drill.accountKeyCount) account keys"
    let spaces = drill.spaceCounts.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue) \($0.value)" }
    return [
      "kit           \(drill.device.hex.prefix(16))\(drill.counts ? "" : ", waits for the one before it")",
      "account       \(drill.account.hex.prefix(16)), \(drill.deviceCount) devices",
      "opens         \(keys)",
      "brings back   \(spaces.isEmpty ? "no spaces yet" : spaces.joined(separator: ", "))",
    ]
  }

  private static func json(_ drill: KitDrill) -> JSONValue {
    .object([
      "kit": .string(drill.device.hex), "account": .string(drill.account.hex),
      "counts": .bool(drill.counts), "devices": .integer(Int64(drill.deviceCount)),
      "account_keys": .integer(Int64(drill.accountKeyCount)),
      "spaces": .object(
        Dictionary(
          uniqueKeysWithValues: drill.spaceCounts.map {
            ($0.key.rawValue, .integer(Int64($0.value)))
          })),
    ])
  }
}
