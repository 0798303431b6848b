import Foundation
import Merge
import Replica
import Terminal

/// `device`: the devices of this account.
enum DeviceCommands {
  static var all: [Command] {
    [list, rename, revoke, merge] + HeadCommands.all + EnrolmentCommands.all
  }

  private static var list: Command {
    Command(
      name: ["device", "ls"], summary: "the account's devices", options: [.flag("json")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation, unlocked: false) { replica in
        let own = replica.identity.device
        let devices = try replica.devices()
        if invocation.flag("json") {
          return session.output.json(.array(devices.map { json($0, own: own) }))
        }
        session.output.table(
          Table(
            columns: ["DEVICE", "NAME", "SINCE", "STATE"].map { Table.Column($0) },
            rows: devices.map {
              [$0.id.hex, $0.name ?? "", ValueText.time($0.sinceMilliseconds), state($0, own: own)]
            }))
      }
    }
  }

  private static func json(_ device: Replica.Device, own: DeviceID) -> JSONValue {
    .object([
      "id": .string(device.id.hex), "name": device.name.map { .string($0) } ?? .null,
      "this": .bool(device.id == own),
      "kit": .bool(device.isKit), "counts": .bool(device.counts),
      "since": .integer(Int64(device.sinceMilliseconds)),
      "revoked": device.revokedMilliseconds.map { .integer(Int64($0)) } ?? .null,
    ])
  }

  private static func state(_ device: Replica.Device, own: DeviceID) -> String {
    if let revoked = device.revokedMilliseconds {
      return (device.isKit ? "recovery kit, " : "") + "taken out \(ValueText.time(revoked))"
    }
    if device.isKit { return device.counts ? "recovery kit" : "recovery kit, waits" }
    return device.id == own ? "this one" : ""
  }

  // MARK: rename

  private static var rename: Command {
    Command(
      name: ["device", "rename"], summary: "call a device of this account something",
      details: "Only devices of this account can read the name.",
      arguments: [
        Argument("DEVICE", help: "its id or name, or how that begins; see `device ls`"),
        Argument("NAME"),
      ]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let device = try device(invocation.argument("DEVICE"), replica)
        let name = try invocation.argument("NAME")
        try replica.renameDevice(device, to: name)
        session.output.line("device \(device.hex) is called \(Text.printable(name))")
        session.output.note("your other devices learn of it by the next `satchel sync`")
      }
    }
  }

  // MARK: revoke

  private static var revoke: Command {
    Command(
      name: ["device", "revoke"],
      summary: "take a lost or old device out of the account, and replace the keys it held",
      details: """
        What the device has already received cannot be taken back. A device does not take itself out: \
        it would make the account\u{2019}s next key. Take it out from another one; `satchel logout` \
        ends its use until then, `satchel account delete` ends the whole account.
        """,
      arguments: [Argument("DEVICE", help: "its id or name, or how that begins; see `device ls`")],
      options: [.flag("yes", help: "do not ask")]
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let device = try device(invocation.argument("DEVICE"), replica)
        try confirmRevocation(device, invocation)
        let transport = try session.transport(replica, invocation)
        try replica.revokeDevice(device, transport)
        session.output.line("device \(device.hex) is taken out; the account has a new key")
        try SyncCommands.report(SyncCommands.sync(replica, transport), session.output)
        let debtCount = try replica.keyDebt().count
        if debtCount > 0 {
          session.output.note("\(debtCount) keys have to be replaced by others: see satchel status")
        }
      }
    }
  }

  private static func device(_ text: String, _ replica: Replica) throws -> DeviceID {
    let all = try replica.devices()
    let named = all.filter { $0.name?.lowercased() == text.lowercased() }
    let found =
      named.isEmpty
      ? all.filter { text.count >= 4 && $0.id.hex.hasPrefix(text.lowercased()) } : named
    guard let first = found.first else {
      throw Failure("there is no device \(text)", hint: "see `satchel device ls`")
    }
    guard found.count == 1 else { throw Failure("more than one device begins with \(text)") }
    guard first.revokedMilliseconds == nil else {
      throw Failure("device \(first.id.hex) was taken out already")
    }
    return first.id
  }

  private static func confirmRevocation(
    _ device: DeviceID, _ invocation: Invocation
  ) throws {
    if invocation.flag("yes") { return }
    guard isatty(STDIN_FILENO) == 1 else {
      throw Failure.usage("say --yes to take a device out for good")
    }
    Session.shared.output.write("Take device \(device.hex) out for good? Type yes: ")
    guard readLine()?.lowercased() == "yes" else {
      throw Failure("no device was taken out", exitCode: .refused)
    }
  }

  // MARK: merge

  private static var merge: Command {
    Command(
      name: ["device", "merge"],
      summary: "put two histories of the account together that the server has shown",
      details: """
        Goes on with the one that the server shows now, takes out what the other one took out, and \
        tells everybody. Devices that only the other one has are added again with `device add`.
        """
    ) { invocation in
      let session = Session.shared
      try session.withReplica(invocation) { replica in
        let transport = try session.transport(replica, invocation)
        let count = try replica.mergeHistories(transport)
        session.output.line("one history now; \(count) taken out again")
        try SyncCommands.report(SyncCommands.sync(replica, transport), session.output)
      }
    }
  }
}
