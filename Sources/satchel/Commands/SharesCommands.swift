import Merge
import Replica
import Terminal

/// `shares`: who can open what, since and until when, and what became of what was taken back.
enum SharesCommands {
  static var all: [Command] { [shares] }

  private static var shares: Command {
    Command(
      name: ["shares"], summary: "what you share, with whom, since and until when",
      details: """
        FETCHED is when a device of theirs last got the file\u{2019}s key or bytes, as the server \
        reports it; what they open later without the server nobody is told. Purges in receipts are \
        reports that their devices have signed.
        """,
      options: [
        .flag("all", help: "also what is revoked or over"),
        .flag("standing", help: "folders, the vault, and files that are shared while active"),
        .flag("receipts", help: "what became of what was taken back"),
        .flag("accesses", help: "every attempt that the server reports, refusals included"),
        .flag("json"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        if invocation.flag("receipts") { return try showReceipts(replica, invocation) }
        if invocation.flag("accesses") { return try showAccesses(replica, invocation) }
        if invocation.flag("standing") { return try showStanding(replica, invocation) }
        try showShares(replica, invocation)
      }
    }
  }

  private static func showShares(_ replica: Replica, _ invocation: Invocation) throws {
    let output = Session.shared.output
    let items = try replica.sharesGiven().filter {
      $0.status == .active || invocation.flag("all") || invocation.flag("json")
    }
    let fetched = try replica.lastAccesses()
    if invocation.flag("json") {
      return output.json(
        .array(items.map { ShareText.json($0, replica, fetched: fetched[$0.id] ?? []) }))
    }
    output.table(
      Table(
        columns: ["FILE", "PERSON", "SINCE", "UNTIL", "CAN", "STATE", "FETCHED", "ID"].map {
          Table.Column($0)
        },
        rows: items.map { item in
          [
            item.name, replica.markedName(item.practitioner),
            TimeText.text(Int64(clamping: item.sinceMilliseconds)),
            ShareText.end(item.untilMilliseconds), PermissionText.text(item.permissions),
            ShareText.state(item) + (item.isStanding ? ", standing" : ""),
            fetchedText(fetched[item.id]?.first), item.shortID,
          ]
        }))
    let standing = try replica.standingItems().count { $0.isInForce && !$0.isExclusion }
    if standing > 0 { output.note("\(standing) of them stand for more: satchel shares --standing") }
  }

  private static func fetchedText(
    _ access: (device: DeviceID, timeMilliseconds: UInt64)?
  ) -> String {
    guard let access else { return "never" }
    let time = TimeText.text(Int64(clamping: access.timeMilliseconds))
    return "\(time) by \(ShareText.device(access.device))"
  }

  private static func showStanding(_ replica: Replica, _ invocation: Invocation) throws {
    let output = Session.shared.output
    let items = try replica.standingItems()
    if invocation.flag("json") {
      return output.json(.array(items.map { ShareText.json($0, replica) }))
    }
    output.table(
      Table(
        columns: ["WHAT", "PERSON", "UNTIL", "CAN", "STATE"].map { Table.Column($0) },
        rows: items.map { item in
          [
            item.isThere ? item.path ?? "the whole vault" : "(deleted)",
            replica.markedName(item.practitioner),
            item.graceMilliseconds.map {
              "while active, and \(TimeText.durationText(Int64(clamping: $0)))"
            }
              ?? ShareText.end(item.untilMilliseconds),
            item.isExclusion ? "nothing: left out" : PermissionText.text(item.permissions),
            (item.isInForce ? "in force" : "over") + (item.isSent ? "" : " (not sent yet)"),
          ]
        }))
  }

  private static func showReceipts(_ replica: Replica, _ invocation: Invocation) throws {
    let output = Session.shared.output
    let receipts = try replica.receipts()
    if invocation.flag("json") {
      return output.json(.array(receipts.map { ReceiptText.json($0, replica) }))
    }
    output.table(
      Table(
        columns: ["WHAT", "FROM", "TIME", "SERVER", "DEVICE", "REPORTED"].map { Table.Column($0) },
        rows: receipts.flatMap { receipt in
          let start = [
            ReceiptText.what(receipt), replica.markedName(receipt.practitioner),
            TimeText.text(Int64(clamping: receipt.timeMilliseconds)), ReceiptText.stopped(receipt),
          ]
          return receipt.devices.map {
            start + [ShareText.device($0.id), ReceiptText.state($0)]
          }
        }))
    output.note("reports are the word of their devices, handed on by the server; not a proof")
  }

  private static func showAccesses(_ replica: Replica, _ invocation: Invocation) throws {
    let output = Session.shared.output
    let accesses = try replica.reportedAccesses()
    let names = Dictionary(
      try replica.sharesGiven().map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
    if invocation.flag("json") {
      return output.json(
        .array(
          accesses.map { access in
            .object([
              "time": ShareText.time(access.timeMilliseconds),
              "account": .string(access.account.hex), "device": .string(access.device.hex),
              "action": .string(access.action), "outcome": .string(access.outcome),
              "share": access.share.map { .string($0.hex) } ?? .null,
              "name": access.share.flatMap { names[$0] }.map { .string($0) } ?? .null,
            ])
          }))
    }
    output.table(
      Table(
        columns: ["TIME", "PERSON", "DEVICE", "ACTION", "OUTCOME", "FILE"].map { Table.Column($0) },
        rows: accesses.map { access in
          [
            TimeText.text(Int64(clamping: access.timeMilliseconds)),
            replica.markedName(access.account), ShareText.device(access.device), access.action,
            access.outcome, access.share.flatMap { names[$0] } ?? "",
          ]
        }))
  }
}
