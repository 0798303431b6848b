import CBOR

extension SpaceState {
  /// The state as bytes, the same for equal states: also what replicas compare a digest of.
  public var stored: [UInt8] {
    var writer = CBORWriter()
    // What there is only after a restore, or with types of an organisation, is kept only there: all else
    // is stored as before.
    writer.array(count: pinnedTypes.isEmpty ? (past.isEmpty ? 19 : 20) : 21)
    writer.optional(kind) { $0.text($1.rawValue) }
    writer.unsigned(incarnation)
    writer.unsigned(position.rawValue)
    writer.unsigned(timeMilliseconds)
    writeMembers(&writer)
    writeDevices(&writer)
    writer.array(count: admins.count)
    for admin in admins.sorted() { writer.bytes(admin.bytes) }
    writer.array(count: teams.count)
    for team in teams { writer.bytes(team.bytes) }
    writer.array(count: epochs.count)
    for epoch in epochs {
      writer.array(count: 2)
      writer.bytes(epoch.id.bytes)
      writer.unsigned(epoch.made.rawValue)
    }
    writer.unsigned(lastRemoval.rawValue)
    consent.write(&writer)
    writer.optional(clientVault) { $0.bytes($1.bytes) }
    writer.optional(ended) { $0.unsigned($1.rawValue) }
    writer.optional(sources.organisation) { $0.bytes($1.bytes) }
    writer.optional(sources.team) { $0.bytes($1.bytes) }
    writer.optional(sources.assignment) { $0.bytes($1.bytes) }
    writer.unsigned(teamKeyGeneration)
    writer.unsigned(isTeamKeyOwed ? 1 : 0)
    writer.array(count: accountKeys.count)
    for (account, key) in accountKeys.sorted(by: { $0.key < $1.key }) {
      writer.array(count: 2)
      writer.bytes(account.bytes)
      writer.bytes(key.bytes)
    }
    if !past.isEmpty || !pinnedTypes.isEmpty { writePast(&writer) }
    if !pinnedTypes.isEmpty { writePinnedTypes(&writer) }
    return writer.bytes
  }

  private func writePinnedTypes(_ writer: inout CBORWriter) {
    writer.array(count: pinnedTypes.count)
    for (name, hash) in pinnedTypes.sorted(by: { $0.key < $1.key }) {
      writer.array(count: 2)
      writer.text(name)
      writer.bytes(hash.bytes)
    }
  }

  private func writeMembers(_ writer: inout CBORWriter) {
    writer.array(count: members.count)
    for (account, membership) in members.sorted(by: { $0.key < $1.key }) {
      writer.array(count: 4)
      writer.bytes(account.bytes)
      writer.text(membership.role.rawValue)
      writer.unsigned(membership.since.rawValue)
      writer.optional(membership.until) { $0.unsigned($1.rawValue) }
    }
  }

  private func writeDevices(_ writer: inout CBORWriter) {
    writer.array(count: devices.count)
    for (device, standing) in devices.sorted(by: { $0.key < $1.key }) {
      writer.array(count: 4)
      writer.bytes(device.bytes)
      writer.bytes(standing.account.bytes)
      writer.unsigned(standing.since.rawValue)
      writer.optional(standing.until) { $0.unsigned($1.rawValue) }
    }
  }

  /// What ``stored`` gave.
  public init(id: SpaceID, server: DeviceID, stored bytes: [UInt8]) throws(StateError) {
    self.init(id: id, server: server)
    var reader = StateReader(bytes)
    let count = try reader.count()
    // Homes and servers from before keys were rotated have 16; what went through a restore has 20, what
    // knows types of an organisation 21.
    guard [16, 19, 20, 21].contains(count) else { throw .damaged }
    kind = try reader.optional { (r) throws(StateError) in try r.word(SpaceKind.self) }
    incarnation = try reader.unsigned()
    position = try reader.position()
    timeMilliseconds = try reader.unsigned()
    try readMembers(&reader)
    try readDevices(&reader)
    admins = Set(try reader.list { (r) throws(StateError) in try r.id() })
    teams = try reader.list { (r) throws(StateError) in try r.id() }
    epochs = try reader.list { (r) throws(StateError) in
      try r.fields(2)
      return Epoch(id: try r.id(), made: try r.position())
    }
    lastRemoval = try reader.position()
    consent = try Consent(&reader)
    clientVault = try reader.optional { (r) throws(StateError) in try r.id() }
    ended = try reader.optional { (r) throws(StateError) in try r.position() }
    sources.organisation = try reader.optional { (r) throws(StateError) in try r.id() }
    sources.team = try reader.optional { (r) throws(StateError) in try r.id() }
    sources.assignment = try reader.optional { (r) throws(StateError) in try r.id() }
    if count >= 19 { try readKeys(&reader) }
    if count >= 20 { try readPast(&reader) }
    if count == 21 { try readPinnedTypes(&reader) }
    try reader.finish()
  }

  private mutating func readKeys(_ reader: inout StateReader) throws(StateError) {
    teamKeyGeneration = try reader.unsigned()
    isTeamKeyOwed = try reader.unsigned() == 1
    for _ in 0..<(try reader.count()) {
      try reader.fields(2)
      let account: AccountID = try reader.id()
      accountKeys[account] = try reader.id()
    }
  }

  private mutating func readPinnedTypes(_ reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count()) {
      try reader.fields(2)
      let name = try reader.text()
      pinnedTypes[name] = try reader.id()
    }
  }

  private mutating func readMembers(_ reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count()) {
      try reader.fields(4)
      let account: AccountID = try reader.id()
      members[account] = Membership(
        role: try reader.word(Role.self), since: try reader.position(),
        until: try reader.optional { (r) throws(StateError) in try r.position() })
    }
  }

  private mutating func readDevices(_ reader: inout StateReader) throws(StateError) {
    for _ in 0..<(try reader.count()) {
      try reader.fields(4)
      let device: DeviceID = try reader.id()
      devices[device] = DeviceStanding(
        account: try reader.id(), since: try reader.position(),
        until: try reader.optional { (r) throws(StateError) in try r.position() })
    }
  }
}

extension Consent {
  fileprivate func write(_ writer: inout CBORWriter) {
    // Kept only where it is so: what was stored before it was known reads as it did.
    writer.array(count: isByInvitation ? 5 : 4)
    writer.register(terms)
    writer.register(practitioner)
    writer.register(client)
    writer.array(count: approvals.count)
    for approval in approvals { writer.bytes(approval.packed) }
    if isByInvitation { writer.unsigned(1) }
  }

  fileprivate init(_ reader: inout StateReader) throws(StateError) {
    let count = try reader.count()
    guard count == 4 || count == 5 else { throw .damaged }
    self.init(
      terms: try reader.register(), practitioner: try reader.register(),
      client: try reader.register(),
      approvals: try reader.list { (r) throws(StateError) in try r.origin() },
      isByInvitation: count == 5 ? try reader.unsigned() == 1 : false)
  }
}

extension StateReader {
  fileprivate mutating func word<Word: RawRepresentable<String>>(
    _ type: Word.Type
  ) throws(StateError) -> Word {
    guard let word = Word(rawValue: try text()) else { throw .damaged }
    return word
  }
}
