import Merge
import Replica
import Terminal

/// `org`, `team`, `invite`, `assign`, `casework`: founded and led on the administrator's own device.
enum OrganisationCommands {
  static var all: [Command] {
    [
      create, teamCreate, teamList, teamPropose, teamStart, teamAdmit, teamRemove, invite,
      inviteList, assign,
      casework,
    ]
  }

  private static var create: Command {
    Command(
      name: ["org", "create"], summary: "found an organisation; you become its administrator",
      arguments: [Argument("NAME")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let id = try replica.foundOrganisation(
          name: invocation.argument("NAME"), session.transport(replica, invocation))
        session.output.line("organisation \(id.hex.prefix(16)) is founded")
      }
    }
  }

  // MARK: team

  private static var teamCreate: Command {
    Command(
      name: ["team", "create"], summary: "make a team of the organisation",
      arguments: [Argument("NAME")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let transport = try session.transport(replica, invocation)
        let team = try replica.createTeam(name: invocation.argument("NAME"), transport)
        session.output.line("team \(team.hex.prefix(16)) is made")
      }
    }
  }

  private static var teamList: Command {
    Command(
      name: ["team", "ls"], summary: "the organisation's teams", options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let teams = try replica.teams()
        let names = { (accounts: [AccountID]) in accounts.map(replica.personName) }
        let marked = { (accounts: [AccountID]) in
          accounts.map(replica.markedName).joined(separator: ", ")
        }
        if invocation.flag("json") {
          session.output.json(
            .array(
              teams.map { team in
                .object([
                  "id": .string(team.id.hex), "name": .string(team.name),
                  "members": .array(names(team.members).map { .string($0) }),
                  "proposed": .array(names(team.proposed).map { .string($0) }),
                ])
              }))
        } else {
          session.output.table(
            Table(
              columns: ["TEAM", "MEMBERS", "PROPOSED"].map { Table.Column($0) },
              rows: teams.map { [$0.name, marked($0.members), marked($0.proposed)] }))
        }
      }
    }
  }

  private static func teamCommand(
    _ word: String, _ summary: String, arguments: [Argument] = [],
    _ body:
      @escaping @Sendable (Replica, Replica.Team, Invocation, HTTPTransport) throws -> String
  ) -> Command {
    Command(
      name: ["team", word], summary: summary, arguments: arguments,
      options: [.value("team", "NAME", help: "which team, if there is more than one")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let transport = try session.transport(replica, invocation)
        let team = try replica.team(named: invocation.option("team"))
        session.output.line(try body(replica, team, invocation, transport))
      }
    }
  }

  private static var teamPropose: Command {
    teamCommand("propose", "propose somebody for a team", arguments: [Argument("PERSON")]) {
      replica, team, invocation, transport in
      let person = try replica.person(named: invocation.argument("PERSON"))
      try replica.propose(person, for: team.id, transport)
      return
        "\(replica.markedName(person)) is proposed; a member of \(team.name) lets them in"
    }
  }

  private static var teamStart: Command {
    teamCommand("start", "be a team's first member and make its key") {
      replica, team, _, transport in
      try replica.startTeam(team.id, transport)
      return "you are the first member of \(team.name)"
    }
  }

  private static var teamAdmit: Command {
    teamCommand("admit", "let somebody in who was proposed", arguments: [Argument("PERSON")]) {
      replica, team, invocation, transport in
      let person = try replica.person(named: invocation.argument("PERSON"))
      try replica.admit(person, to: team.id, transport)
      return "\(replica.markedName(person)) is in \(team.name)"
    }
  }

  private static var teamRemove: Command {
    teamCommand("remove", "take somebody out, or leave", arguments: [Argument("PERSON")]) {
      replica, team, invocation, transport in
      let person = try replica.person(named: invocation.argument("PERSON"))
      try replica.remove(person, from: team.id, transport)
      // The next member replaces the keys: at once, where this is one.
      try SyncCommands.report(replica.sync(transport), Session.shared.output)
      return "\(replica.markedName(person)) is no longer in \(team.name)"
    }
  }

  // MARK: invite

  private static var invite: Command {
    Command(
      name: ["invite"], summary: "invite somebody; prints the token to pass on",
      options: [
        .value("role", "ROLE", help: "practitioner, client, admin; family if you are a client"),
        .value("name", "NAME", help: "what you call the person"),
        .value("can", "LIST", help: "family: what to allow; view if left out"),
        .value("until", "TIME", help: "family: when it ends"),
        .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      let word = try invocation.requiredOption("role")
      guard let role = Role(rawValue: word),
        [.admin, .practitioner, .client, .family].contains(role)
      else {
        throw Failure.usage("--role takes practitioner, client, admin or family")
      }
      let terms = try familyTerms(invocation, role, session)
      try session.withReplica(invocation) { replica in
        let invitation = try replica.invite(
          role: role, name: invocation.option("name"), terms: terms,
          session.transport(replica, invocation))
        let expires = TimeText.text(Int64(invitation.expiresMilliseconds))
        if invocation.flag("json") {
          session.output.json(
            .object([
              "token": .string(invitation.token), "role": .string(role.rawValue),
              "expires": .integer(Int64(invitation.expiresMilliseconds)),
            ]))
        } else {
          session.output.token(invitation)
          session.output.note("for one \(role.rawValue), until \(expires); pass it on privately")
        }
      }
    }
  }

  /// What a client allows a family caregiver; others decide for themselves later.
  private static func familyTerms(
    _ invocation: Invocation, _ role: Role, _ session: Session
  ) throws -> ConsentTerms? {
    let (can, until) = (invocation.option("can"), invocation.option("until"))
    if can == nil && until == nil { return nil }
    guard role == .family else {
      throw Failure.usage(
        "--can and --until are for --role family; others agree by `satchel assign`")
    }
    return ConsentTerms(
      permissions: try PermissionText.parse(can ?? "view"),
      untilMilliseconds: try until.map { try session.time($0) })
  }

  private static var inviteList: Command {
    Command(
      name: ["invite", "ls"], summary: "invitations that you made, and who used them",
      options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let list = try replica.invitations(session.transport(replica, invocation))
        if invocation.flag("json") {
          session.output.json(
            .array(
              list.map {
                .object([
                  "role": .string($0.role.rawValue),
                  "name": $0.name.map { .string($0) } ?? .null,
                  "stage": .string($0.stage.rawValue),
                  "expires": .integer(Int64($0.expiresMilliseconds)),
                  "account": $0.account.map { .string($0.hex) } ?? .null,
                ])
              }))
        } else {
          session.output.table(
            Table(
              columns: ["NAME", "ROLE", "STATE", "EXPIRES", "ACCOUNT"].map { Table.Column($0) },
              rows: list.map {
                [
                  $0.name ?? "", $0.role.rawValue, $0.stage.rawValue,
                  TimeText.text(Int64($0.expiresMilliseconds)),
                  $0.account.map { $0.hex.prefix(16) + replica.mark(of: $0) } ?? "",
                ]
              }))
        }
      }
    }
  }

  // MARK: assign, casework

  private static var assign: Command {
    Command(
      name: ["assign"], summary: "propose to link a practitioner with a client",
      options: [
        .value("practitioner", "PERSON"), .value("client", "PERSON"),
        .value("can", "LIST", help: "what is proposed: view, download, note or full names"),
        .value("until", "TIME", help: "when it is to end"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let terms = ConsentTerms(
          permissions: try PermissionText.parsePractitioners(
            invocation.option("can") ?? "view,download,note"),
          untilMilliseconds: try invocation.option("until").map { try session.time($0) })
        let practitioner = try replica.person(named: invocation.requiredOption("practitioner"))
        let client = try replica.person(named: invocation.requiredOption("client"))
        let space = try replica.assign(
          practitioner: practitioner, client: client, terms: terms,
          session.transport(replica, invocation))
        session.output.line("assignment \(space.hex.prefix(16)) is proposed; both sides decide")
        let names = [practitioner, client].map(replica.markedName)
        session.output.note(names.joined(separator: " and "))
      }
    }
  }

  private static var casework: Command {
    Command(
      name: ["casework", "open"], summary: "open the space of a client's tickets with a team",
      options: [
        .value("client", "PERSON"),
        .value("team", "NAME", help: "which team, if there is more than one"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let team = try replica.team(named: invocation.option("team"))
        let client = try replica.person(named: invocation.requiredOption("client"))
        let space = try replica.openCasework(
          client: client, team: team.id, session.transport(replica, invocation))
        session.output.line(
          "casework \(space.hex.prefix(16)) of \(replica.markedName(client)) with \(team.name) is open"
        )
      }
    }
  }
}
