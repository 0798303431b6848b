import Foundation
import Merge
import Replica
import Signing
import SyncProtocol
import Terminal

/// `init`, `people`, `account delete`.
enum AccountCommands {
  static var all: [Command] { [initialize, people, delete] }

  private static var delete: Command {
    Command(
      name: ["account", "delete"], summary: "end this account and destroy what it holds, for good",
      details: """
        Takes back all consents and shares, destroys all files, the wraps of all keys at the server, \
        and this home. Asks for the account's name, as `satchel status` shows it. What others wrote \
        down, and backups, it cannot reach.
        """,
      options: [.value("confirm", "NAME", help: "the account's name, instead of being asked")]
    ) { invocation in
      let session = Session.shared
      let path = session.homePath(invocation)
      try session.withReplica(invocation) { replica in
        let name = replica.personName(replica.identity.account)
        if invocation.option("confirm") == nil {
          session.output.note("type the account's name, “\(name)”, to delete it for good:")
        }
        guard (invocation.option("confirm") ?? readLine()) == name else {
          throw Failure.usage("that is not the account's name; nothing was deleted")
        }
        _ = try replica.deleteAccount(session.transport(replica, invocation))
        AgentClient.stop(home: path)
        try replica.home.remove()
        session.output.line("the account is deleted, and this home with it")
      }
    }
  }

  private static var initialize: Command {
    Command(
      name: ["init"], summary: "make this device's home: a new account, or one more device",
      details: """
        With --invite a new account is made with an invitation. With --join this device asks an \
        account's other device to let it in, with the token that `satchel device add` prints there.
        """,
      options: [
        .value("server", "URL", help: "the address of the server"),
        .value("invite", "TOKEN", help: "an invitation; - reads it from standard input"),
        .value("join", "TOKEN", help: "what `satchel device add` printed elsewhere; - likewise"),
        .value("name", "NAME", help: "what the people you share with see; sealed"),
        .value("role", "ROLE", help: "refuse the invitation if it is for another role"),
        .flag("no-wait", help: "with --join: do not wait for the approval"), Joining.codeOption,
      ]
    ) { invocation in
      switch (invocation.option("invite"), invocation.option("join")) {
      case (let token?, nil): try register(invocation, token)
      case (nil, let token?): try Joining.start(invocation, token)
      case (nil, nil), (_?, _?):
        throw Failure.usage("give either --invite TOKEN or --join TOKEN")
      }
    }
  }

  private static func register(_ invocation: Invocation, _ token: String) throws {
    let session = Session.shared
    let url = try invocation.requiredOption("server")
    guard let invitation = try TokenText.parse(Invitation.self, token) else {
      throw ReplicaError.invitationMalformed
    }
    if let role = invocation.option("role"), role != invitation.role.rawValue {
      throw Failure(
        "the invitation is for another role: \(invitation.role.rawValue), not \(Text.printable(role))",
        hint: "ask for an invitation for that role", exitCode: .refused)
    }
    let path = session.homePath(invocation)
    let transport = try session.transport(url: url, invocation)
    try withNewHome(path) { home in
      let replica = try session.withNewPassword(invocation) { password in
        try Replica.register(
          home: home, password: SecretBytes(copying: password), invitation: invitation,
          name: invocation.option("name"), url: url, transport: transport,
          environment: session.world)
      }
      session.output.line(
        "account \(replica.identity.account.hex.prefix(16)) (\(invitation.role.rawValue)) is ready")
      try SyncCommands.report(SyncCommands.sync(replica, transport), session.output)
    }
  }

  static func parse<Token: TextToken>(_ type: Token.Type, _ text: String) -> Token? {
    do { return try Token(token: text) } catch { return nil }
  }

  /// A home that was made for nothing is removed again; one whose registration may have arrived
  /// stays, so that it can be finished.
  static func withNewHome<Result>(
    _ path: String, _ body: (Home) throws -> Result
  ) throws -> Result {
    let home = try Home.create(at: path)
    do {
      return try body(home)
    } catch {
      if home.mayBeRegistered, !isEnd(of: error) { throw error }
      try home.remove()
      guard let problem = error as? ReplicaError, case .notReachable = problem else { throw error }
      throw Failure(
        problem.explanation,
        hint: "check the address; nothing was made here",
        exitCode: .notReachable)
    }
  }

  /// The server's last word on an invitation: nothing was registered.
  private static func isInvitationRefusal(_ error: any Error) -> Bool {
    guard case ReplicaError.server(let code) = error else { return false }
    switch code {
    case .invitationUsed, .invitationExpired, .invitationUnknown, .invitationRoleWrong: return true
    default: return false
    }
  }

  /// A token that is of no use leaves nothing behind either.
  private static func isEnd(of error: any Error) -> Bool {
    if case ReplicaError.enrolmentEnded = error { return true }
    return isInvitationRefusal(error)
  }

  // MARK: people

  private static var people: Command {
    Command(
      name: ["people"], summary: "whom this device knows, and from where",
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let people = try replica.people()
        if invocation.flag("json") {
          session.output.json(
            .array(
              try people.map {
                .object([
                  "account": .string($0.account.hex), "name": .string($0.name),
                  "verification": .string(try replica.verification(of: $0.account).rawValue),
                  "role": $0.role.map { .string($0.rawValue) } ?? .null,
                  "source": .string($0.source.rawValue),
                ])
              }))
        } else {
          session.output.table(
            Table(
              columns: ["NAME", "ROLE", "ACCOUNT", "KNOWN FROM", "KEYS"].map { Table.Column($0) },
              rows: try people.map {
                [
                  $0.name, $0.role?.rawValue ?? "", String($0.account.hex.prefix(16)),
                  $0.source.rawValue, try replica.verification(of: $0.account).rawValue,
                ]
              }))
        }
      }
    }
  }
}
