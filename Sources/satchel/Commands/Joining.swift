import Foundation
import Replica
import Signing
import SyncProtocol
import Terminal

/// A new device on its way into an account: `init --join`, and `sync` until it is in.
enum Joining {
  static let codeOption = Terminal.Option.value(
    "code", "DIGITS", help: "a new device: join only if the other one shows this short code")

  static func start(_ invocation: Invocation, _ token: String) throws {
    let session = Session.shared
    let url = try invocation.requiredOption("server")
    guard let enrolment = try TokenText.parse(Enrolment.self, token) else {
      throw Failure(
        "this is not a whole device token",
        hint: "copy all of what `satchel device add` printed", exitCode: .usage)
    }
    let path = session.homePath(invocation)
    let transport = try session.transport(url: url, invocation)
    if try isWaiting(path) {
      return try withPassword(invocation) { password in
        if let pending = try resumed(path, enrolment, password) {
          return try finish(pending, invocation, transport)
        }
        session.output.note("another token than before: this device begins anew")
        try Home.remove(at: path)
        try begin(path, enrolment, url, password, invocation, transport)
      }
    }
    try session.withNewPassword(invocation) { password in
      try begin(path, enrolment, url, password, invocation, transport)
    }
  }

  /// `nil` where the home waits with another token; it is closed again then.
  private static func resumed(
    _ path: String, _ enrolment: Enrolment, _ password: UnsafeRawBufferPointer
  ) throws -> PendingEnrolment? {
    let pending = try open(path, password)
    return pending.isFor(enrolment) ? pending : nil
  }

  private static func begin(
    _ path: String, _ enrolment: Enrolment, _ url: String, _ password: UnsafeRawBufferPointer,
    _ invocation: Invocation, _ transport: HTTPTransport
  ) throws {
    let pending = try AccountCommands.withNewHome(path) { home in
      try Replica.enrol(
        home: home, password: SecretBytes(copying: password), enrolment: enrolment, url: url,
        transport: transport, environment: Session.shared.world)
    }
    try finish(pending, invocation, transport)
  }

  /// A device that was not let in when `init` ended goes on here.
  ///
  /// - Returns: whether it was one.
  static func goOn(_ path: String, _ invocation: Invocation) throws -> Bool {
    let session = Session.shared
    guard try isWaiting(path) else { return false }
    let url = try invocation.option("server") ?? Replica.serverURL(of: Home.open(at: path))
    guard let url else { throw Failure("the home names no server", hint: "give --server URL") }
    let transport = try session.transport(url: url, invocation)
    try withPassword(invocation) { password in
      let pending = try open(path, password)
      guard let replica = try look(pending, invocation, transport) else {
        throw Failure(
          "nobody has approved this device yet",
          hint: "on the other device: satchel device approve", exitCode: .notAllowed)
      }
      try SyncCommands.report(SyncCommands.sync(replica, transport), session.output)
    }
    return true
  }

  private static func isWaiting(_ path: String) throws -> Bool {
    guard Home.exists(at: path) else { return false }
    return try Replica.awaitsApproval(Home.open(at: path))
  }

  private static func withPassword(
    _ invocation: Invocation, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let source = try PasswordSource(invocation, environment: Session.environment)
    try PasswordReader(source, output: Session.shared.output).withPassword { try body($0) }
  }

  private static func open(
    _ path: String, _ password: UnsafeRawBufferPointer
  ) throws -> PendingEnrolment {
    try PendingEnrolment.open(
      Home.open(at: path), password: SecretBytes(copying: password),
      environment: Session.shared.world)
  }

  // MARK: Waiting

  private static func finish(
    _ pending: PendingEnrolment, _ invocation: Invocation, _ transport: HTTPTransport
  ) throws {
    let output = Session.shared.output
    output.line("this device asks to join; on the other one: satchel device approve")
    if invocation.flag("no-wait") { return output.note("then run here: satchel sync") }
    let replica = try wait(pending, invocation, transport)
    output.line("this device belongs to the account now")
    try SyncCommands.report(SyncCommands.sync(replica, transport), output)
  }

  private static func wait(
    _ pending: PendingEnrolment, _ invocation: Invocation, _ transport: HTTPTransport
  ) throws -> Replica {
    var state = Shown()
    // Fifteen minutes of looking every second; the home stays, and sync goes on later.
    for _ in 0..<900 {
      if let replica = try look(pending, invocation, transport, &state) { return replica }
      sleep(1)
    }
    throw Failure("nobody has approved yet", hint: "run `satchel sync` once somebody has")
  }

  /// What the person was shown, and has said.
  private struct Shown {
    var code: String?
    var isConfirmed = false
  }

  private static func look(
    _ pending: PendingEnrolment, _ invocation: Invocation, _ transport: HTTPTransport
  ) throws -> Replica? {
    var state = Shown()
    return try look(pending, invocation, transport, &state)
  }

  private static func look(
    _ pending: PendingEnrolment, _ invocation: Invocation, _ transport: HTTPTransport,
    _ state: inout Shown
  ) throws -> Replica? {
    let progress = try pending.proceed(transport) { code in
      try confirm(code, invocation, &state)
    }
    switch progress {
    case .waiting: return nil
    case .code(let code):
      guard try confirm(code, invocation, &state) else { throw try pending.refuse() }
      return nil
    case .joined(let replica): return replica
    }
  }

  /// Shows the code once, and asks where somebody can be asked.
  private static func confirm(
    _ code: String, _ invocation: Invocation, _ state: inout Shown
  ) throws -> Bool {
    let output = Session.shared.output
    if state.code != code {
      output.line("short code: \(code)")
      state.code = code
    }
    if state.isConfirmed { return true }
    if let given = invocation.option("code") {
      guard given == code else {
        throw Failure(
          "the other device shows another code: this device did not join",
          hint: "if that was no slip, do not go on: begin again with another token",
          exitCode: .refused)
      }
      state.isConfirmed = true
    } else if isatty(STDIN_FILENO) == 1 {
      output.write("Does the other device show the same? Type yes: ")
      state.isConfirmed = readLine()?.lowercased() == "yes"
    } else {
      output.note("go on only if the other device shows the same")
      state.isConfirmed = true
    }
    return state.isConfirmed
  }
}
