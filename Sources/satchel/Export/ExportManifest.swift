import Foundation
import Replica
import Sealing
import Signing
import Terminal

/// The list that lies with exported files: what each is, and how to check it without Satchel
/// (docs/protocol.md §11.10).
struct ExportManifest {
  static let name = "satchel-export.json"
  static let format = "satchel-export-1"
  /// A manifest of more bytes is not read back.
  private static let byteCountMax = 1 << 30

  private let directory: String
  private let vault: String
  private let form: ExportForm
  private let paths: [String]
  private let random: any RandomSource

  /// What has to be the same for an export to be the same one again.
  private struct Kind: Decodable, Equatable {
    let format: String
    let vault: String
    let form: String
    let recipients: [String]
    let paths: [String]
  }

  init(
    directory: String, vault: String, form: ExportForm, paths: [String], random: any RandomSource
  ) {
    self.directory = directory
    self.vault = vault
    self.form = form
    self.paths = paths
    self.random = random
  }

  private var path: String { "\(directory)/\(Self.name)" }

  private var kind: Kind {
    let recipients =
      if case .age(let keys) = form { keys.map(\.ageRecipient) } else { [String]() }
    return Kind(
      format: Self.format, vault: vault, form: form == .plain ? "plain" : "age",
      recipients: recipients, paths: paths)
  }

  // MARK: Writing

  /// Marks the folder as one that an export is being written to.
  ///
  /// - Throws: a failure where another export lies there.
  func begin() throws {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw Failure("\(directory) cannot be made a folder")
    }
    guard FileManager.default.fileExists(atPath: path) else { return try write(unfinished) }
    guard try known() == kind else {
      throw Failure(
        "\(directory) holds another export",
        hint: "choose another folder, or give the same files, form and recipients to go on")
    }
  }

  func finish(_ report: ExportReport, milliseconds: UInt64) throws {
    try write(document(report, milliseconds: milliseconds))
  }

  private func known() throws -> Kind? {
    guard let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int,
      size <= Self.byteCountMax
    else { return nil }
    let bytes = try Data(contentsOf: URL(filePath: path))
    do {
      return try JSONDecoder().decode(Kind.self, from: bytes)
    } catch {
      return nil
    }
  }

  private func write(_ value: JSONValue) throws {
    let file = try PlacedFile(at: path, overwrites: true, random: random)
    try Array(value.text.utf8).withUnsafeBytes(file.write)
    try file.place()
  }

  // MARK: What it says

  private var head: [String: JSONValue] {
    [
      "format": .string(kind.format), "vault": .string(kind.vault), "form": .string(kind.form),
      "recipients": .array(kind.recipients.map { .string($0) }),
      "paths": .array(kind.paths.map { .string($0) }),
    ]
  }

  private var unfinished: JSONValue {
    .object(head.merging(["complete": false, "files": [], "left_out": []]) { $1 })
  }

  func document(_ report: ExportReport, milliseconds: UInt64) -> JSONValue {
    let rest: [String: JSONValue] = [
      "complete": .bool(report.problems.isEmpty),
      "exported": .integer(Int64(milliseconds)),
      "files": .array(report.items.map(json)),
      "left_out": .array(report.problems.map(json)),
    ]
    return .object(head.merging(rest) { $1 })
  }

  private func json(_ item: ExportReport.Item) -> JSONValue {
    .object([
      "path": .string(item.path), "name": .string(item.name), "file": .string(item.file.hex),
      "version": .string(item.version.hex), "length": .integer(Int64(item.byteCount)),
      "hashed_length": .integer(Int64(item.hashedByteCount)),
      "blake2b": .string(item.hash.hex),
      "modified": item.modifiedMilliseconds.map { .integer($0) } ?? .null,
    ])
  }

  private func json(_ problem: ExportReport.Problem) -> JSONValue {
    .object([
      "path": .string(problem.path), "record": .string(problem.record.hex),
      "reason": .string(problem.error.explanation),
      "missing_blobs": .array(problem.missingBlobs.map { .string($0.hex) }),
    ])
  }
}
