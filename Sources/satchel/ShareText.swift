import Merge
import Replica
import Terminal

/// Shares as people and programs read them.
enum ShareText {
  static func end(_ milliseconds: UInt64?) -> String {
    milliseconds.map { TimeText.text(Int64(clamping: $0)) } ?? "open end"
  }

  static func time(_ milliseconds: UInt64?) -> JSONValue {
    milliseconds.map { .integer(Int64(clamping: $0)) } ?? .null
  }

  static func state(_ item: ShareItem) -> String {
    item.isSent ? item.status.word : "\(item.status.word) (not sent yet)"
  }

  static func device(_ device: DeviceID) -> String { String(device.hex.prefix(8)) }

  static func json(
    _ item: ShareItem, _ replica: Replica,
    fetched: [(device: DeviceID, timeMilliseconds: UInt64)]? = nil
  ) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("id", .string(item.id.hex)), ("space", .string(item.space.hex)),
      ("file", .string(item.file.hex)), ("name", .string(item.name)),
      ("client", .string(item.client.hex)),
      ("client_name", .string(replica.personName(item.client))),
      ("practitioner", .string(item.practitioner.hex)),
      ("practitioner_name", .string(replica.personName(item.practitioner))),
      ("since", time(item.sinceMilliseconds)), ("until", time(item.untilMilliseconds)),
      ("permissions", .array(item.permissions.map { .string($0.rawValue) })),
      ("state", .string(item.status.word)), ("bytes", .integer(Int64(item.byteCount))),
      ("here", .bool(item.isHere)), ("sent", .bool(item.isSent)),
      ("standing", .bool(item.isStanding)),
      ("request", item.request.map { .string($0.hex) } ?? .null),
    ]
    if let fetched {
      members.append(
        (
          "server_reports_fetched",
          .array(
            fetched.map {
              .object([
                "device": .string($0.device.hex), "time": time($0.timeMilliseconds),
              ])
            })
        ))
    }
    return .object(Dictionary(members, uniquingKeysWith: { first, _ in first }))
  }

  static func json(_ item: StandingItem, _ replica: Replica) -> JSONValue {
    .object([
      "id": .string(item.id.hex), "space": .string(item.space.hex),
      "practitioner": .string(item.practitioner.hex),
      "practitioner_name": .string(replica.personName(item.practitioner)),
      "path": item.path.map { .string($0) } ?? .null, "there": .bool(item.isThere),
      "left_out": .bool(item.isExclusion),
      "permissions": .array(item.permissions.map { .string($0.rawValue) }),
      "until": time(item.untilMilliseconds), "while_active": .bool(item.graceMilliseconds != nil),
      "grace": time(item.graceMilliseconds),
      "in_force": .bool(item.isInForce), "sent": .bool(item.isSent),
    ])
  }
}
