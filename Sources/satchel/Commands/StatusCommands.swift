import Merge
import Replica
import Terminal

/// `status`.
enum StatusCommands {
  static var all: [Command] { [status] }

  private static var status: Command {
    Command(
      name: ["status"], summary: "what waits, what conflicts, what was refused, and the spaces",
      details: "Needs no password: a locked home shows no names.", options: [.flag("json")]
    ) { invocation in
      let output = Session.shared.output
      try Session.shared.withReplica(invocation, unlocked: false) { replica in
        let status = try replica.status()
        if invocation.flag("json") { return output.json(json(status, replica)) }
        for open in status.openEmergencies {
          output.warning("emergency: \(EmergencyCommands.line(open, replica))")
        }
        for (title, text) in lines(status) {
          output.line(title + String(repeating: " ", count: 14 - title.count) + text)
        }
        output.line("")
        output.table(table(status))
      }
    }
  }

  private static func lines(_ status: ReplicaStatus) -> [(String, String)] {
    [
      ("account", "\(status.name)  \(status.account.hex.prefix(16))  \(status.role.rawValue)"),
      ("device", "\(status.device.hex.prefix(16))  home \(String(status.replica.home, radix: 16))"),
      ("server", status.serverURL ?? "none"),
      ("home", home(status)),
      ("last sync", status.lastSyncMilliseconds.map(ValueText.time) ?? "never"),
      ("clock", clock(status)),
      ("to send", pending(status)),
      ("conflicts", String(status.conflictCount)),
      ("refused", refused(status)),
      ("evidence", evidence(status)),
      ("key debt", debt(status)),
      ("recovery", recovery(status)),
    ] + waiting(status) + people(status)
  }

  /// What waits for the person; nothing where nothing does.
  private static func waiting(_ status: ReplicaStatus) -> [(String, String)] {
    var lines: [(String, String)] = []
    if status.requestsToAnswer > 0 {
      let count = status.requestsToAnswer
      lines.append(
        (
          "requests",
          "\(count) for access \(count == 1 ? "waits" : "wait") for your answer: see “satchel requests”"
        ))
    }
    if status.decisionsToMake > 0 {
      let count = status.decisionsToMake
      lines.append(
        (
          "to decide",
          "\(count) \(count == 1 ? "assignment waits" : "assignments wait") for your yes or no: see “satchel consent ls”"
        ))
    }
    return lines
  }

  private static func people(_ status: ReplicaStatus) -> [(String, String)] {
    let count = status.changedKeys.count
    if count == 0 { return [] }
    let whose = count == 1 ? "1 person has" : "\(count) people have"
    return [
      (
        "people",
        "\(whose) another key than you compared: see “satchel people”, “satchel key verify”"
      )
    ]
  }

  private static func recovery(_ status: ReplicaStatus) -> String {
    let kits = status.kits.map { kit in
      let name = "kit \(kit.device.hex.prefix(16))"
      if kit.counts { return name }
      guard let time = kit.countsFromMilliseconds else { return name + " waits" }
      return name + " waits, and counts from \(ValueText.time(time)) on"
    }
    let text =
      kits.isEmpty ? "no kit: make one with “satchel recovery kit”" : kits.joined(separator: "; ")
    return status.isFreshnessUnproven
      ? text
        + "; restored, and nobody else has confirmed yet what the server shows (satchel device confirm)"
      : text
  }

  private static func debt(_ status: ReplicaStatus) -> String {
    let own = status.keyDebt.count { $0.isOwn }
    let count = status.keyDebt.count
    if count == 0 { return "none" }
    let keys = count == 1 ? "1 key" : "\(count) keys"
    return own == count
      ? "\(keys) to replace: see to it with “satchel sync”"
      : "\(keys) to replace, \(count - own) by others"
  }

  private static func json(_ debt: KeyDebt) -> JSONValue {
    switch debt.subject {
    case .space(let space, let kind):
      .object([
        "space": .string(space.hex), "kind": .string(kind.rawValue), "own": .bool(debt.isOwn),
      ])
    case .team(let team): .object(["team": .string(team.hex), "own": .bool(debt.isOwn)])
    case .shares(let space, let count):
      .object([
        "space": .string(space.hex), "shares": .integer(Int64(count)), "own": .bool(debt.isOwn),
      ])
    }
  }

  private static func clock(_ status: ReplicaStatus) -> String {
    if let problem = status.serverClockProblem { return problem }
    let seconds = status.clockAheadMilliseconds / 1000
    return seconds == 0 ? "as the server's" : "\(seconds) s ahead of the server's; held back"
  }

  private static func home(_ status: ReplicaStatus) -> String {
    if status.isRevoked { return "taken out of the account; what it held was removed" }
    if status.isLoggedOut { return "logged out" }
    return status.isLocked ? "locked" : "unlocked"
  }

  private static func pending(_ status: ReplicaStatus) -> String {
    let kinds = status.pendingCounts.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue) \($0.value)" }
    let count = status.pendingCount
    let changes = count == 1 ? "1 change" : "\(count) changes"
    let details = kinds.isEmpty ? "" : " (\(kinds.joined(separator: ", ")))"
    let blobs = status.blobsToUpload == 0 ? "" : ", \(status.blobsToUpload) pieces of files"
    return changes + details + blobs
  }

  private static func refused(_ status: ReplicaStatus) -> String {
    status.rejectedCount == 0 ? "0" : "\(status.rejectedCount): see “satchel rejected ls”"
  }

  private static func evidence(_ status: ReplicaStatus) -> String {
    status.evidenceCount == 0
      ? "none"
      : "\(status.evidenceCount) things that an honest server does not do: see “satchel audit evidence ls”"
  }

  private static func table(_ status: ReplicaStatus) -> Table {
    Table(
      columns: [Table.Column("SPACE"), Table.Column("ID"), Table.Column("ROLE")]
        + [Table.Column("POSITION", .right), Table.Column("TO SEND", .right)]
        + ["KEY", "STATE", "VERSION VECTOR"].map { Table.Column($0) },
      rows: status.spaces.map { space in
        [
          space.kind?.rawValue ?? "not opened", String(space.id.uuidText.prefix(13)),
          space.role?.rawValue ?? "", String(space.position), String(space.pendingCount),
          space.holdsEpoch.map { $0 ? "held" : "missing" } ?? "none", state(space),
          ValueText.text(space.clock),
        ]
      })
  }

  private static func state(_ space: ReplicaStatus.Space) -> String {
    if let reason = space.leftReason { return "left (\(reason))" }
    if space.isIncomplete { return "incomplete" }
    if space.isForked { return "forked" }
    return space.isEnded ? "ended" : "open"
  }

  private static func json(_ status: ReplicaStatus, _ replica: Replica) -> JSONValue {
    let pending = Dictionary(
      uniqueKeysWithValues: status.pendingCounts.map {
        ($0.key.rawValue, JSONValue.integer(Int64($0.value)))
      })
    return .object([
      "account": .string(status.account.hex), "name": .string(status.name),
      "role": .string(status.role.rawValue), "device": .string(status.device.hex),
      "replica": .string(status.replica.hex),
      "server": status.serverURL.map { .string($0) } ?? .null,
      "locked": .bool(status.isLocked), "logged_out": .bool(status.isLoggedOut),
      "last_sync": status.lastSyncMilliseconds.map { .integer(Int64($0)) } ?? .null,
      "clock_ahead_ms": .integer(Int64(status.clockAheadMilliseconds)),
      "server_clock_problem": status.serverClockProblem.map { .string($0) } ?? .null,
      "pending": .integer(Int64(status.pendingCount)), "pending_by_kind": .object(pending),
      "blobs_to_upload": .integer(Int64(status.blobsToUpload)),
      "conflicts": .integer(Int64(status.conflictCount)),
      "refused": .integer(Int64(status.rejectedCount)),
      "evidence": .integer(Int64(status.evidenceCount)),
      "key_debt": .array(status.keyDebt.map { json($0) }),
      "changed_keys": .array(status.changedKeys.map { .string($0.hex) }),
      "emergencies": .array(
        status.openEmergencies.map { EmergencyCommands.json($0, replica) }),
      "requests_to_answer": .integer(Int64(status.requestsToAnswer)),
      "decisions_to_make": .integer(Int64(status.decisionsToMake)),
      "revoked": .bool(status.isRevoked),
      "recovery_kits": .array(
        status.kits.map {
          .object([
            "id": .string($0.device.hex), "counts": .bool($0.counts),
            "since": .integer(Int64($0.sinceMilliseconds)),
            "counts_from": $0.countsFromMilliseconds.map { .integer(Int64($0)) } ?? .null,
          ])
        }),
      "freshness_unproven": .bool(status.isFreshnessUnproven),
      "spaces": .array(status.spaces.map { json($0) }),
    ])
  }

  private static func json(_ space: ReplicaStatus.Space) -> JSONValue {
    .object([
      "id": .string(space.id.hex), "kind": space.kind.map { .string($0.rawValue) } ?? .null,
      "role": space.role.map { .string($0.rawValue) } ?? .null,
      "incarnation": .integer(Int64(space.incarnation)),
      "position": .integer(Int64(space.position)),
      "key_held": space.holdsEpoch.map { .bool($0) } ?? .null, "ended": .bool(space.isEnded),
      "incomplete": .bool(space.isIncomplete),
      "forked": .bool(space.isForked),
      "left": space.leftReason.map { .string($0) } ?? .null,
      "pending": .integer(Int64(space.pendingCount)),
      "version_vector": ValueText.json(space.clock),
    ])
  }
}
