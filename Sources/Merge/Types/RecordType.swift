/// A kind of record: a table, its columns, and who may do what with them. Loaded from `Schemas/`.
public final class RecordType: Sendable {
  /// What a delete does to concurrent writes of the record's fields.
  public enum ConcurrentDelete: String, CaseIterable, Sendable {
    case deleteWins = "delete_wins"
    case editWins = "edit_wins"
  }

  /// Whether overwritten values stay in the log for ever.
  public enum History: String, CaseIterable, Sendable {
    case keep
    case compact
  }

  /// The record that this one belongs to.
  public struct Parent: Hashable, Sendable {
    /// What happens to this record when its parent is deleted.
    public enum OnDelete: String, CaseIterable, Sendable {
      /// It is hidden with the parent.
      case hide
      /// It stays and is shown without its parent.
      case keep
    }

    /// The field that holds the parent's id.
    public let field: String
    public let type: String
    public let onDelete: OnDelete

    public init(field: String, type: String, onDelete: OnDelete) {
      self.field = field
      self.type = type
      self.onDelete = onDelete
    }
  }

  /// With what names of organisations' own types begin, and no others.
  public static let organisationPrefix = "x_"

  /// Whether a type of that name is an organisation's own.
  public static func isOfOrganisation(_ name: String) -> Bool {
    name.hasPrefix(organisationPrefix)
  }

  public let name: String
  public let space: SpaceKind
  public let parent: Parent?
  public let concurrentDelete: ConcurrentDelete
  public let history: History
  /// Sorted by name.
  public let fields: [Field]
  public let workflows: [Workflow]
  public let creators: [Role]
  public let deleters: [Role]
  /// What a practitioner's or caregiver's consent must allow for creating a record.
  public let createPermission: Permission?
  /// Records stay readable, and no new ones are made here. Older programs may still make them.
  public let removed: Bool

  /// Those that a new record has to have.
  let requiredFields: [Field]
  /// Whether there are decisions or steps among the fields, which are kept for ever.
  package let hasGuardedFields: Bool
  private let indexByName: [String: Int]

  public init(
    name: String, space: SpaceKind, parent: Parent?, concurrentDelete: ConcurrentDelete,
    history: History, fields: [Field], workflows: [Workflow], creators: [Role], deleters: [Role],
    createPermission: Permission?, removed: Bool = false
  ) {
    let sorted = fields.sorted { $0.name < $1.name }
    self.name = name
    self.space = space
    self.parent = parent
    self.concurrentDelete = concurrentDelete
    self.history = history
    self.fields = sorted
    requiredFields = sorted.filter(\.required)
    hasGuardedFields = sorted.contains(where: \.isGuarded)
    self.workflows = workflows
    self.creators = creators
    self.deleters = deleters
    self.createPermission = createPermission
    self.removed = removed
    indexByName = Dictionary(
      sorted.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func field(_ name: String) -> Field? { index(of: name).map { fields[$0] } }

  /// Of the field in ``fields``.
  func index(of name: String) -> Int? { indexByName[name] }

  public func workflow(_ name: String) -> Workflow? { workflows.first { $0.name == name } }
}

extension RecordType: Hashable {
  public static func == (left: RecordType, right: RecordType) -> Bool {
    left === right
      || (left.name == right.name && left.space == right.space && left.parent == right.parent
        && left.concurrentDelete == right.concurrentDelete && left.history == right.history
        && left.fields == right.fields && left.workflows == right.workflows
        && left.creators == right.creators && left.deleters == right.deleters
        && left.createPermission == right.createPermission && left.removed == right.removed)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(fields)
  }
}
