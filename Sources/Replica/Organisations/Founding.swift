import Merge
import Sealing
import Signing
import SyncProtocol

/// An organisation and its teams, founded and led on their administrators' and members' own devices.
extension Replica {
  /// The organisation that this account belongs to; `nil` before the first administrator founds it.
  func ownOrganisation() throws -> OrganisationID? { try settings.id(.organisation) }

  /// Founds an organisation; the account becomes its first administrator.
  public func foundOrganisation(
    name: String, _ transport: any Transport
  ) throws -> OrganisationID {
    guard identity.role == .admin else {
      throw ReplicaError.badInput("only an administrator founds an organisation")
    }
    if try ownOrganisation() != nil {
      throw ReplicaError.badInput("this account has founded its organisation already")
    }
    try Self.checkName(name)
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let body = OrganisationCreation(name: name, accountHead: try ownChain().head)
    let chain = try startChain(
      .organisationCreation(body), { .organisation(OrganisationID($0)) }, connection)
    guard case .organisation(let id) = chain else { return OrganisationID(chain.id) }
    try settings.set(.organisation, id.bytes)
    return id
  }

  static func checkName(_ name: String) throws {
    let count = name.utf8.count
    guard (1...OrganisationCreation.nameByteCountMax).contains(count) else {
      throw ReplicaError.badInput(
        "a name has 1 to \(OrganisationCreation.nameByteCountMax) bytes; this one has \(count)")
    }
  }

  /// Makes a team of the organisation and lists it.
  public func createTeam(name: String, _ transport: any Transport) throws -> TeamID {
    guard let organisation = try ownOrganisation(), identity.role == .admin else {
      throw ReplicaError.badInput("only an administrator of an organisation makes teams")
    }
    try Self.checkName(name)
    var report = SyncReport()
    let connection = try connect(transport, &report)
    let body = TeamCreation(organisation: organisation, name: name)
    let chain = try startChain(.teamCreation(body), { .team(TeamID($0)) }, connection)
    let team = TeamID(chain.id)
    try append(
      .organisationTeam(OrganisationTeam(team: team)), to: .organisation(organisation),
      wraps: [], connection)
    try openTeamSpace(team, organisation, connection)
    return team
  }

  /// A team of the organisation.
  public struct Team: Sendable {
    public let id: TeamID
    public let name: String
    public let members: [AccountID]
    /// Proposed by an administrator, not let in by a member yet.
    public let proposed: [AccountID]
  }

  /// The teams of the organisation that this device knows.
  public func teams() throws -> [Team] {
    guard let organisation = try ownOrganisation(),
      let chain = try chains.organisationChain(organisation)
    else { return [] }
    return try chain.teams.compactMap { id in
      guard let team = try chains.teamChain(id) else { return nil }
      return Team(
        id: id, name: team.name, members: team.members.keys.sorted(),
        proposed: team.proposals.keys.sorted())
    }
  }

  /// The team that a name means; the only one where no name is given.
  public func team(named name: String?) throws -> Team {
    let all = try teams()
    let found = name.map { name in
      all.filter { $0.name.lowercased() == name.lowercased() || $0.id.hex.hasPrefix(name) }
    }
    let choices = found ?? all
    guard let first = choices.first else {
      throw ReplicaError.notFound(name.map { "team called \($0)" } ?? "team")
    }
    guard choices.count == 1 else {
      throw ReplicaError.ambiguous(name ?? "the team", choices.map(\.name))
    }
    return first
  }

  /// An administrator's wish that somebody should join; a member lets them in.
  public func propose(
    _ account: AccountID, for team: TeamID, _ transport: any Transport
  ) throws {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try fetchChain(.account(account), connection)
    guard let chain = try chains.accountChain(account) else {
      throw ReplicaError.notFound("account")
    }
    let proposal = TeamProposal(account: account, accountHead: chain.head)
    try append(.teamProposal(proposal), to: .team(team), wraps: [], connection)
  }

  /// The first proposed person starts the team: makes its key, and is its first member.
  public func startTeam(_ team: TeamID, _ transport: any Transport) throws {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try fetchChain(.team(team), connection)
    guard let chain = try chains.teamChain(team), chain.proposals[identity.account] != nil else {
      throw ReplicaError.badInput("an administrator has to propose this account for the team first")
    }
    guard chain.members.isEmpty else {
      throw ReplicaError.badInput("the team has members; one of them has to let you in")
    }
    try appendTeamKey(chain, for: [identity.account], predecessor: nil, connection)
  }

  /// A member lets a proposed person in, with the team's key wrapped for them.
  public func admit(
    _ account: AccountID, to team: TeamID, _ transport: any Transport
  ) throws {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try fetchChain(.team(team), connection)
    try fetchChain(.account(account), connection)
    try requireOneHistory(of: account)
    guard let chain = try chains.teamChain(team), let head = chain.proposals[account],
      let person = try chains.accountChain(account), person.contains(head)
    else { throw ReplicaError.badInput("an administrator has to propose that person first") }
    guard let key = try unlockedKeys().exchange(.team(team, generation: chain.keys.count - 1))
    else { throw ReplicaError.badInput("only a member of the team lets others in") }
    try requireUnchangedKey(of: person.id)
    let wrap = try wrap(key, for: person.accountKey)
    let admission = TeamAdmission(
      account: account, accountHead: head, wrap: Hasher256.content(wrap),
      keyGeneration: person.keyGeneration)
    try append(.teamAdmission(admission), to: .team(team), wraps: [wrap], connection)
  }

  /// Takes a member out of a team: an administrator, a member, or the person alone. The next member to
  /// sync makes the team's next key, and the keys of its spaces after it.
  public func remove(
    _ account: AccountID, from team: TeamID, _ transport: any Transport
  ) throws {
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try fetchChain(.team(team), connection)
    guard let chain = try chains.teamChain(team), chain.members[account] != nil else {
      throw ReplicaError.badInput("that person is not in the team")
    }
    guard identity.role == .admin || chain.members[identity.account] != nil else {
      throw ReplicaError.badInput("only an administrator or a member takes people out of a team")
    }
    try append(
      .teamRemoval(TeamRemoval(account: account)), to: .team(team), wraps: [], connection)
  }

  // MARK: What a sync does

  /// Keeps the organisation's chain and its teams' fresh; takes team keys that are wrapped for us. One
  /// that was wrapped wrongly does not hold up the others.
  func refreshOrganisation(_ connection: Connection, _ report: inout SyncReport) throws {
    guard let organisation = try ownOrganisation() else { return }
    try fetchChain(.organisation(organisation), connection)
    guard let chain = try chains.organisationChain(organisation) else { return }
    for team in chain.teams {
      try fetchChain(.team(team), connection)
      do {
        try takeTeamKeys(team, connection)
      } catch let error as ReplicaError {
        try report.keep(error, while: "team keys")
      }
    }
  }
}
