import Merge
import Replica
import Terminal

/// Receipts as people and programs read them: what is known, and from whom.
enum ReceiptText {
  /// One line for each device that the person has, over all receipts of one revocation.
  static func devices(_ receipts: [Receipt]) -> [String] {
    guard let first = receipts.first else { return [] }
    return first.devices.map { "device \(ShareText.device($0.id)): \(state($0))" }
  }

  static func state(_ device: Receipt.Device) -> String {
    if let time = device.purgedMilliseconds {
      return "reported purged \(TimeText.text(Int64(clamping: time)))"
    }
    if let time = device.heardMilliseconds {
      return "has heard of it \(TimeText.text(Int64(clamping: time))), no report"
    }
    return "not seen since"
  }

  static func stopped(_ receipt: Receipt) -> String {
    receipt.isStopped ? "stopped at the server" : "not sent yet"
  }

  static func what(_ receipt: Receipt) -> String {
    if let name = receipt.name { return name }
    let shares = receipt.shareCount == 1 ? "1 share" : "\(receipt.shareCount) shares"
    return "everything (\(shares))"
  }

  static func json(_ receipt: Receipt, _ replica: Replica) -> JSONValue {
    .object([
      "space": .string(receipt.space.hex),
      "share": receipt.share.map { .string($0.hex) } ?? .null,
      "name": receipt.name.map { .string($0) } ?? .null,
      "share_count": .integer(Int64(receipt.shareCount)),
      "practitioner": .string(receipt.practitioner.hex),
      "practitioner_name": .string(replica.personName(receipt.practitioner)),
      "time": ShareText.time(receipt.timeMilliseconds),
      "stopped_at_server": .bool(receipt.isStopped),
      "devices": .array(
        receipt.devices.map {
          .object([
            "device": .string($0.id.hex),
            "server_reports_heard": ShareText.time($0.heardMilliseconds),
            "reported_purged": ShareText.time($0.purgedMilliseconds),
          ])
        }),
    ])
  }
}
