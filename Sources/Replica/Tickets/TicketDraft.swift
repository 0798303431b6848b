import CBOR
import Merge

/// What a new ticket says.
public struct TicketDraft: Hashable, Sendable {
  public var kind: String
  public var title: String
  public var description: String?
  public var environment: String?
  public var severity: String?
  public var priority: String?
  public var labels: Set<String>

  /// - Parameter kind: `bug`, `maintenance`, `consultation` or `document_feedback`.
  public init(
    kind: String = "bug", title: String, description: String? = nil, environment: String? = nil,
    severity: String? = nil, priority: String? = nil, labels: Set<String> = []
  ) {
    self.kind = kind
    self.title = title
    self.description = description
    self.environment = environment
    self.severity = severity
    self.priority = priority
    self.labels = labels
  }
}

/// What shall be different about a ticket; `nil` leaves a field as it is.
public struct TicketEdit: Hashable, Sendable {
  public var title: String?
  public var description: String?
  public var environment: String?
  public var severity: String?
  public var priority: String?
  /// The inner `nil`: nobody.
  public var assignee: AccountID??
  public var addedLabels: Set<String> = []
  public var removedLabels: Set<String> = []

  public init() {}
}

extension TicketDraft {
  func writes(_ type: RecordType) throws -> [Draft.Write] {
    var writes = [
      Draft.Write("kind", try type.checked("kind", .text(kind))),
      Draft.Write("title", try type.checked("title", .text(title))),
    ]
    let more = [
      ("description", description), ("environment", environment), ("severity", severity),
      ("priority", priority),
    ]
    for case (let key, let text?) in more {
      writes.append(Draft.Write(key, try type.checked(key, .text(text))))
    }
    return try writes + labels.sorted().map { try type.label($0, true) }
  }
}

extension TicketEdit {
  func writes(_ type: RecordType) throws -> [Draft.Write] {
    var writes: [Draft.Write] = []
    let texts = [
      ("title", title), ("description", description), ("environment", environment),
      ("severity", severity), ("priority", priority),
    ]
    for case (let key, let text?) in texts {
      // An empty text takes away what may be taken away.
      let value = text.isEmpty && type.field(key)?.required == false ? .null : CBORValue.text(text)
      writes.append(Draft.Write(key, try type.checked(key, value)))
    }
    if let assignee {
      let value = assignee.map { CBORValue.bytes($0.bytes) } ?? .null
      writes.append(Draft.Write("assignee", try type.checked("assignee", value)))
    }
    if let both = addedLabels.intersection(removedLabels).min() {
      throw ReplicaError.badInput("label “\(both)” is both added and taken away")
    }
    writes += try addedLabels.sorted().map { try type.label($0, true) }
    writes += try removedLabels.sorted().map { try type.label($0, false) }
    return writes
  }
}

extension RecordType {
  /// The value, if it fits the field: an error that names the field and its limits, never the value.
  func checked(_ key: String, _ value: CBORValue) throws -> CBORValue {
    guard let field = field(key) else {
      throw ReplicaError.badInput("a \(name) has no field \(key)")
    }
    guard let problem = field.checkUnsealed(value) else {
      if field.required, value == .text("") {
        throw ReplicaError.badInput("\(key): a value is required")
      }
      return value
    }
    if case .enumeration(let words) = field.kind {
      throw ReplicaError.badInput("\(key) is one of: \(words.joined(separator: ", "))")
    }
    throw ReplicaError.badInput("\(key): \(problem)")
  }

  fileprivate func label(_ label: String, _ isThere: Bool) throws -> Draft.Write {
    guard !label.isEmpty else { throw ReplicaError.badInput("a label is empty") }
    if let problem = field("labels")?.checkElement(.text(label)) {
      throw ReplicaError.badInput("labels: \(problem)")
    }
    return Draft.Write("labels/\(label)", .bool(isThere))
  }
}
