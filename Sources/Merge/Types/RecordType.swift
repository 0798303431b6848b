/// A kind of record: a table, its columns, and who may do what with them. Loaded from `Schemas/`.
public struct RecordType: Hashable, Sendable {
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
    self.workflows = workflows
    self.creators = creators
    self.deleters = deleters
    self.createPermission = createPermission
    self.removed = removed
    indexByName = Dictionary(
      sorted.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func field(_ name: String) -> Field? { indexByName[name].map { fields[$0] } }

  public func workflow(_ name: String) -> Workflow? { workflows.first { $0.name == name } }
}
