import Foundation
import Merge
import Replica
import Signing
import Terminal

/// Opened values, authors and ids as people and machines read them.
struct ValueText {
  let replica: Replica

  func text(_ value: OpenedValue) -> String {
    switch value {
    case .nothing: "(empty)"
    case .text(let text): text
    case .integer(let number): String(number)
    case .boolean(let flag): flag ? "yes" : "no"
    case .time(let milliseconds): TimeText.text(milliseconds)
    case .bytes(let bytes): Self.id(bytes)
    case .account(let account): replica.markedName(account)
    case .record(let record): record.uuidText
    case .list(let items): items.map(text).joined(separator: ", ")
    case .group(let components):
      components.map { "\($0.name): \(text($0.value))" }.joined(separator: ", ")
    case .sealed: "(sealed)"
    case .notKept: "(overwritten, no longer kept)"
    }
  }

  /// In quotation marks where it is somebody's own words.
  func quoted(_ value: OpenedValue) -> String {
    if case .text(let text) = value { "“\(text)”" } else { text(value) }
  }

  static func json(_ value: OpenedValue) -> JSONValue {
    switch value {
    case .nothing, .sealed, .notKept: .null
    case .text(let text): .string(text)
    case .integer(let number), .time(let number): .integer(number)
    case .boolean(let flag): .bool(flag)
    case .bytes(let bytes): .string(Hex.encode(bytes))
    case .account(let account): .string(account.hex)
    case .record(let record): .string(record.hex)
    case .list(let items): .array(items.map(json))
    case .group(let components):
      .object(
        Dictionary(
          components.map { ($0.name, json($0.value)) }, uniquingKeysWith: { first, _ in first }))
    }
  }

  /// What ``json(_:)`` leaves out: which kind of value it is.
  static func kind(_ value: OpenedValue) -> String {
    switch value {
    case .nothing: "null"
    case .text: "text"
    case .integer: "integer"
    case .boolean: "boolean"
    case .time: "time"
    case .bytes: "bytes"
    case .account: "account"
    case .record: "record"
    case .list: "list"
    case .group: "group"
    case .sealed: "sealed"
    case .notKept: "not_kept"
    }
  }

  static func json(_ author: Author) -> JSONValue {
    .object([
      "account": author.account.map { .string($0.hex) } ?? .null, "name": .string(author.name),
      "device": .string(author.device.hex), "this_device": .bool(author.isThisDevice),
    ])
  }

  static func json(_ origin: Origin) -> JSONValue {
    .object([
      "replica": .string(origin.replica.hex), "sequence": .integer(Int64(origin.sequence)),
    ])
  }

  static func json(_ vector: VersionVector) -> JSONValue {
    .object(
      Dictionary(
        vector.entries.map { ($0.replica.hex, .integer(Int64($0.sequence))) },
        uniquingKeysWith: { first, _ in first }))
  }

  /// `3fa94c1e:12`, one for each replica.
  static func text(_ vector: VersionVector) -> String {
    vector.entries.map { "\($0.replica.hex.prefix(8)):\($0.sequence)" }.joined(separator: " ")
  }

  /// As a UUID where it has the size of one.
  static func id(_ bytes: [UInt8]) -> String {
    RecordID(bytes)?.uuidText ?? Hex.encode(bytes)
  }

  static func time(_ milliseconds: UInt64) -> String {
    TimeText.text(Int64(clamping: milliseconds))
  }

  /// What a person calls a record: a ticket's number, or the beginning of the id.
  static func name(_ reference: RecordReference, number: Int64?) -> String {
    number.map { "#\($0)" } ?? String(reference.record.uuidText.prefix(13))
  }

  /// `-`: all of standard input, without the line end that closes it.
  static func input(_ text: String) throws -> String {
    guard text == "-" else { return text }
    guard let data = try FileHandle.standardInput.read(upToCount: inputByteCountMax + 1) else {
      return ""
    }
    guard data.count <= inputByteCountMax else { throw Failure("the text is too long") }
    guard let text = String(data: data, encoding: .utf8) else {
      throw Failure("the text is not UTF-8")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// More than any field takes.
  private static let inputByteCountMax = 256 * 1024
}
