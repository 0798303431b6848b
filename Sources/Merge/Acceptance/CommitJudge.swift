import CBOR

/// Judges one commit, change by change. A record is changed once in a commit, so that each change
/// stands for itself.
struct CommitJudge<Records: AcceptedRecords> {
  let state: SpaceState
  let records: Records
  let schema: Schema
  private let acceptance: Acceptance<Records>
  private let commit: Commit
  private let origin: Origin
  /// Whether the values are gone: what needs them is not judged (protocol.md §6.8).
  private let isStub: Bool
  /// What is looked for among all faults, whichever one is met first; `nil` where the first counts.
  private let sought: Refusal.Code?
  private var changed: Set<RecordID> = []
  private var hasCreated = false
  /// The type of the change before this one: neighbours are mostly of one type.
  private var lastType: RecordType?
  private var fields = WrittenFields()
  /// Keys that the author was found to be allowed to write.
  private var allowed: JudgedKeys?
  /// Of an epoch that values may be sealed under: mostly all of a commit's are under one.
  private var usableHint: ArraySlice<UInt8>?
  /// Set where a part is of a newer schema: all other parts are judged nevertheless.
  private var deferral: Deferral?

  private struct JudgedKeys: Equatable {
    let shape: Int
    /// Whether the author has created the record.
    let isAuthor: Bool
  }

  init(
    _ acceptance: Acceptance<Records>, _ commit: Commit, _ origin: Origin, isStub: Bool = false,
    seeking sought: Refusal.Code? = nil
  ) {
    state = acceptance.state
    records = acceptance.records
    schema = acceptance.schema
    self.acceptance = acceptance
    self.commit = commit
    self.origin = origin
    self.isStub = isStub
    self.sought = sought
  }

  /// `nil` when the commit is accepted.
  func judge() throws -> Deferral? {
    var judge = self
    return try judge.run()
  }

  private mutating func run() throws -> Deferral? {
    let role = try acceptance.presentRole(of: origin.replica.device)
    if state.ended != nil { throw Refusal(.ended) }
    try checkHeader()
    try checkConsent(role)
    for (index, change) in commit.changes.enumerated() {
      guard isFirst(of: change, at: index) else { throw Refusal(.malformed, [change.type]) }
      guard let type = try type(of: change) else {
        deferral = .schemaOlder
        continue
      }
      do {
        guard type.space == state.kind else { throw Refusal(.typeElsewhere, [type.name]) }
        guard !isStub || type.isCompactable else { throw Refusal(.malformed, [type.name, "stub"]) }
        try judge(change, type, role)
      } catch let fault as Refusal {
        try meet(fault)
      }
    }
    return deferral
  }

  /// Whether no change before this one is of the same record. Ids are the author's to choose: only
  /// with its type does one name a record.
  private mutating func isFirst(of change: RecordChange, at index: Int) -> Bool {
    if changed.insert(change.record).inserted { return true }
    return !commit.changes[..<index].contains {
      $0.record == change.record && $0.type == change.type
    }
  }

  /// `nil` for a type that is not known.
  private mutating func type(of change: RecordChange) throws -> RecordType? {
    if let lastType, lastType.name == change.type { return lastType }
    // Whether it counts here is the log's to say, whatever is known of it elsewhere.
    guard !RecordType.isOfOrganisation(change.type) || state.pinnedTypes[change.type] != nil
    else { throw Refusal(.typeElsewhere, [change.type]) }
    lastType = schema.type(change.type)
    return lastType
  }

  /// A fault that a judge of another schema may not see, or see after others.
  private func meet(_ fault: Refusal) throws {
    guard let sought, fault.code != sought else { throw fault }
  }

  // MARK: The commit as a whole

  private func checkHeader() throws {
    let header = commit.header
    guard commit.changes.count <= Commit.changeCountMax else {
      throw Refusal(.tooLarge, ["at most \(Commit.changeCountMax) changes"])
    }
    guard isOriginOwn else { throw Refusal(.malformed, ["origin"]) }
    guard state.knows(incarnation: header.context.incarnation) else {
      throw Refusal(.incarnationUnknown)
    }
    // Of a lost incarnation nobody knows how far it went.
    let isPresent = header.context.incarnation == state.incarnation
    guard !isPresent || header.context.position <= state.position else {
      throw Refusal(.contextAhead)
    }
    let limit = state.timeMilliseconds + Acceptance<Records>.clockAheadMillisecondsMax
    guard header.time.milliseconds <= limit || commit.mayBeRestricting(in: schema) else {
      let ahead = header.time.milliseconds - state.timeMilliseconds
      return try meet(Refusal(.clockAhead, ["\(ahead / 1000) s"]))
    }
  }

  /// A re-issue names what the same device wrote before, in this home or another: with somebody
  /// else's origin it would pass for theirs and drop what they wrote.
  private var isOriginOwn: Bool {
    guard let first = commit.header.origin else { return true }
    guard first.replica.device == origin.replica.device, first.sequence > 0 else { return false }
    return first.replica != origin.replica || first.sequence < origin.sequence
  }

  /// Whoever is in a space by consent writes only while it is active. Once it has run out they may ask
  /// for access (requirement A7), and no more.
  private func checkConsent(_ role: Role) throws {
    guard state.kind == .engagement, role != .client, role != .server else { return }
    let status = state.consentState.status
    if status == .expired, commit.changes.allSatisfy({ $0.type == ShareRules.request }) { return }
    guard status == .active else { throw Refusal(.consentInactive, [status.rawValue]) }
  }

  // MARK: One change

  private mutating func judge(_ change: RecordChange, _ type: RecordType, _ role: Role) throws {
    let isAuthor: Bool
    switch change.operation {
    case .create:
      try judgeCreation(change, type, role)
      hasCreated = true
      isAuthor = true
    case .update, .delete:
      isAuthor = try judgeExisting(change, type)
      if type.name == ShareRules.share { try judgeShareContent(change) }
      if type.name == EmergencyRules.deposit { try judgeEmergency(change, type) }
    }
    if change.operation == .delete {
      guard type.deleters.contains(role) || (isAuthor && type.deleters.contains(.author)) else {
        throw Refusal(.notAllowed, [type.name, "delete"])
      }
    }
    try judgeWrites(of: change, type, role, isAuthor: isAuthor)
  }

  private mutating func judgeWrites(
    of change: RecordChange, _ type: RecordType, _ role: Role, isAuthor: Bool
  ) throws {
    let places = fields.places(of: change, type)
    let keys = JudgedKeys(shape: fields.shape, isAuthor: isAuthor)
    for index in places.indices {
      guard let place = places[index] else {
        deferral = .schemaOlder
        continue
      }
      let field = type.fields[place]
      do {
        if allowed != keys {
          try judgeKey(change.writes[index], field, type, role, isAuthor: isAuthor)
        }
        try judge(change.writes[index], field, change, type, role)
      } catch let fault as Refusal {
        try meet(fault)
      }
    }
    // Of faults that were passed over nothing is kept.
    if sought == nil { allowed = keys }
  }

  private func judgeCreation(_ change: RecordChange, _ type: RecordType, _ role: Role) throws {
    guard type.creators.contains(role) else { throw Refusal(.notAllowed, [type.name, "create"]) }
    try check(type.createPermission, role)
    guard try records.standing(type: type, record: change.record) == nil else {
      throw Refusal(.recordExists, [type.name])
    }
    for field in type.requiredFields
    where !change.writes.contains(where: { $0.key == field.name }) {
      throw Refusal(.requiredMissing, [type.name, field.name])
    }
    if type.space == .assignment {
      // One assignment a space: the space's members are its two sides.
      guard try !records.holdsAny(type: type), !hasCreated else {
        throw Refusal(.recordExists, [type.name])
      }
      if type.name == Consent.type {
        try judgeMaker(change, role)
        try judgeSides(change)
      }
    }
    if type.name == ShareRules.share { try judgeShare(change) }
    if type.parent?.type == ShareRules.share, !isStub { try judgeUnderShare(change, type, role) }
  }

  /// Where there is an administrator they propose, in the name of the organisation; a client alone
  /// names none: that is what tells the two apart for whoever sees the decisions only.
  private func judgeMaker(_ change: RecordChange, _ role: Role) throws {
    let hasAdmin = state.members.values.contains { $0.role == .admin }
    guard hasAdmin == (role == .admin) else { throw Refusal(.notAllowed, [change.type, "create"]) }
    let namesOrganisation = change.writes.contains {
      $0.key == Consent.organisationKey && $0.value != .null
    }
    guard hasAdmin == namesOrganisation else {
      throw Refusal(.valueInvalid, [change.type, Consent.organisationKey])
    }
  }

  /// Whom an assignment names are the members of its space: people decide about whom they are shown,
  /// and the engagement is between the members.
  private func judgeSides(_ change: RecordChange) throws {
    for write in change.writes where write.key == "client" || write.key == "practitioner" {
      let role = write.value.bytes.flatMap { AccountID($0) }.flatMap { state.role(of: $0) }
      let fits =
        write.key == "client" ? role == .client : role == .practitioner || role == .family
      guard fits else { throw Refusal(.valueInvalid, [change.type, write.key]) }
    }
  }

  /// Whether the commit's author created the record.
  private func judgeExisting(_ change: RecordChange, _ type: RecordType) throws -> Bool {
    guard let standing = try records.standing(type: type, record: change.record) else {
      throw Refusal(.recordUnknown, [type.name])
    }
    // A delete that wins is final. One that an edit may undo leaves the record open to edits.
    if standing.isGone && type.concurrentDelete == .deleteWins {
      throw Refusal(.gone, [type.name])
    }
    return standing.creator != nil
      && standing.creator == state.devices[origin.replica.device]?.account
  }

  // MARK: One write

  /// What does not depend on the value. Changes that write the same keys have the same answer.
  private func judgeKey(
    _ write: FieldWrite, _ field: Field, _ type: RecordType, _ role: Role, isAuthor: Bool
  ) throws {
    let writers = field.writers.isEmpty ? type.creators : field.writers
    guard writers.contains(role) || (isAuthor && writers.contains(.author)) else {
      throw Refusal(.notAllowed, [type.name, field.name])
    }
    try check(field.permission, role)
  }

  private mutating func judge(
    _ write: FieldWrite, _ field: Field, _ change: RecordChange, _ type: RecordType, _ role: Role
  ) throws {
    guard write.sealed == field.sealed else {
      throw Refusal(.sealedMismatch, [type.name, field.name])
    }
    guard write.isElement == field.rule.isSet else {
      throw Refusal(.valueInvalid, [type.name, field.name])
    }
    if isStub { return }
    if let problem = field.valueProblem(with: write) {
      guard problem.isUndeclared else {
        throw Refusal(.valueInvalid, [type.name, field.name, "\(problem)"])
      }
      deferral = .schemaOlder
    }
    if field.sealed { try checkEpoch(write.value) }
    if field.rule == .once { try judgeOnce(write, change, type, role) }
    if field.isGuarded, try !judgeGuard(write, field, change, type, role) {
      deferral = .schemaOlder
    }
  }

  private func check(_ permission: Permission?, _ role: Role) throws {
    guard let permission, role == .practitioner || role == .family else { return }
    guard state.consentState.terms.permissions.contains(permission) else {
      throw Refusal(.permissionMissing, [permission.rawValue])
    }
  }

  private mutating func checkEpoch(_ value: CBORValue) throws {
    if value == .null { return }
    guard let hint = value.bytes.flatMap({ SealedLayout.epochHint(of: $0) }) else {
      throw Refusal(.epochStale)
    }
    if usableHint?.elementsEqual(hint) == true { return }
    guard let epoch = state.epoch(hint: hint), state.mayUse(epoch) else {
      throw Refusal(.epochStale)
    }
    usableHint = hint
  }

  /// One write for each declared writer: the server's does not use up the members'.
  private func judgeOnce(
    _ write: FieldWrite, _ change: RecordChange, _ type: RecordType, _ role: Role
  ) throws {
    if change.operation == .create { return }
    let register = try records.register(type: type, record: change.record, key: write.key)
    let isTaken = register.siblings.contains {
      ($0.authorship.origin.replica.device == state.server) == (role == .server)
    }
    if isTaken { throw Refusal(.alreadyWritten, [type.name, write.key]) }
  }

  /// A workflow step or a decision is judged on the siblings that its author was shown. Taking
  /// away rests on nothing, so that no neighbour's refusal can hold it up.
  ///
  /// - Returns: `false` where a word that is not known here decides.
  private func judgeGuard(
    _ write: FieldWrite, _ field: Field, _ change: RecordChange, _ type: RecordType, _ role: Role
  ) throws -> Bool {
    if field.isRestriction(write) { return true }
    try judgeRepetition(write, change, type)
    var shown: [Sibling] = []
    for origin in write.shown {
      guard
        let value = try records.guardedValue(
          type: type, record: change.record, key: write.key, origin: origin)
      else { throw Refusal(.shownUnknown, [type.name, field.name]) }
      shown.append(
        Sibling(
          position: .zero, authorship: Authorship(origin: origin, time: .zero), value: value))
    }
    let isWhole = type.understands(Register(siblings: shown), key: write.key)
    guard isWhole, type.understanding(of: write) == .whole else { return false }
    if change.operation == .update, try !judgeOmission(write, field, change, type) { return false }
    guard field.rule == .workflow, let workflow = field.workflow.flatMap({ type.workflow($0) })
    else { return true }
    let winner = field.winner(of: Register(siblings: shown), in: type)
    let from = winner.flatMap { field.orderedWord(of: $0.value) }
    let to = field.orderedWord(of: write.value)
    let allowed = workflow.allowed(from: from, role: role)
    guard let to, allowed.contains(to) else { throw Refusal(.transitionNotAllowed, allowed) }
    return true
  }

  /// Later decisions name this one by its origin: a second value under it would change what they were
  /// decided on.
  private func judgeRepetition(
    _ write: FieldWrite, _ change: RecordChange, _ type: RecordType
  ) throws {
    let known = try records.guardedValue(
      type: type, record: change.record, key: write.key, origin: commit.header.origin ?? origin)
    if known != nil { throw Refusal(.malformed, ["origin"]) }
  }

  /// What stands and would be overwritten was shown to the author: leaving it out is not a way
  /// around the workflow.
  ///
  /// - Returns: `false` where which one stood cannot be told here.
  private func judgeOmission(
    _ write: FieldWrite, _ field: Field, _ change: RecordChange, _ type: RecordType
  ) throws -> Bool {
    let author = commit.header.origin ?? origin
    let standing = try records.register(type: type, record: change.record, key: write.key)
    let seen = state.seen(commit.header.context)
    let overwritten = Register(
      siblings: standing.siblings.filter { Register.isOverwritten($0, by: author, seen: seen) })
    guard type.understands(overwritten, key: write.key) else { return false }
    guard let winner = field.winner(of: overwritten, in: type) else { return true }
    guard write.shown.contains(winner.authorship.origin) else {
      throw Refusal(.shownUnknown, [type.name, field.name])
    }
    return true
  }
}
