/// One column of a record type.
///
/// An object, because rows and judges hand fields on by the thousand.
public final class Field: Sendable {
  /// What a value may be.
  public indirect enum Kind: Hashable, Sendable {
    case text
    case integer
    case boolean
    /// Milliseconds since 1970-01-01T00:00:00Z.
    case time
    case bytes
    /// One of the declared values, in the declared order.
    case enumeration([String])
    /// An account id.
    case account
    /// The id of a record of the named type.
    case record(String)
    /// A list of scalars that merges as one value; shown in SQL as a JSON array.
    case list(Kind)
    /// A set; each element is a boolean register of its own. Shown in SQL as a sorted JSON array.
    case set(Kind)
    /// Columns that merge as one value, sorted by name; each is its own SQL column `field_component`.
    case group([Component])
  }

  /// One column of a group.
  public struct Component: Hashable, Sendable {
    public let name: String
    public let kind: Kind
    /// A group's write without this component is refused.
    public let required: Bool
    /// As ``Field/sizeMin``, ``Field/sizeMax`` and ``Field/itemSize``.
    public let sizeMin: Int
    public let sizeMax: Int
    public let itemSize: ClosedRange<Int>

    public init(
      name: String, kind: Kind, required: Bool, sizeMin: Int = 0, sizeMax: Int = 1024,
      itemSize: ClosedRange<Int> = 0...1024
    ) {
      self.name = name
      self.kind = kind
      self.required = required
      self.sizeMin = sizeMin
      self.sizeMax = sizeMax
      self.itemSize = itemSize
    }
  }

  public let name: String
  public let kind: Kind
  /// Ciphertext everywhere but on a member's unlocked device.
  public let sealed: Bool
  public let rule: Rule
  /// `highest`, `lowest`: lowest value first. `revokeWins`: most restrictive first. Empty otherwise.
  public let order: [String]
  /// The component of a group that `order` or the workflow's states speak of; `nil` for a scalar.
  public let orderedBy: String?
  /// The name of the workflow in the record type; `nil` unless the rule is `workflow`.
  public let workflow: String?
  /// Limit for one value: bytes of text or bytes, elements of a list or set. Of a sealed field it is
  /// the limit of what was sealed.
  public let sizeMax: Int
  /// The least that one value may hold, in the unit of ``sizeMax``; equal to it when the length is
  /// fixed.
  public let sizeMin: Int
  /// Bytes of one element of a list or set of text or bytes.
  public let itemSize: ClosedRange<Int>
  /// A record without this field is refused at creation.
  public let required: Bool
  /// Who may write the field; empty means whoever may create the record.
  public let writers: [Role]
  /// What a practitioner's or caregiver's consent must allow for a write; `nil`: nothing more.
  public let permission: Permission?
  /// Stays readable, and is no longer written here. Older programs may still write it.
  public let removed: Bool
  /// Whether a newer schema may declare words or components of values that this one does not know.
  package let mayGrow: Bool

  public init(
    name: String, kind: Kind, sealed: Bool, rule: Rule, order: [String] = [],
    orderedBy: String? = nil, workflow: String? = nil, sizeMax: Int, sizeMin: Int = 0,
    itemSize: ClosedRange<Int> = 0...1024, required: Bool = false, writers: [Role] = [],
    permission: Permission? = nil, removed: Bool = false
  ) {
    self.name = name
    self.kind = kind
    mayGrow = kind.mayGrow
    self.sealed = sealed
    self.rule = rule
    self.order = order
    self.orderedBy = orderedBy
    self.workflow = workflow
    self.sizeMax = sizeMax
    self.sizeMin = sizeMin
    self.itemSize = itemSize
    self.required = required
    self.writers = writers
    self.permission = permission
    self.removed = removed
  }

  /// A guarded write names the siblings that it was decided on (design §4, acceptance).
  public var isGuarded: Bool { rule == .workflow || rule == .revokeWins }
}

extension Field.Kind {
  fileprivate var mayGrow: Bool {
    switch self {
    case .text, .integer, .boolean, .time, .bytes, .account, .record: false
    case .enumeration, .group: true
    case .list(let item), .set(let item): item.mayGrow
    }
  }
}

extension Field: Hashable {
  public static func == (left: Field, right: Field) -> Bool {
    left === right
      || (left.name == right.name && left.kind == right.kind && left.sealed == right.sealed
        && left.rule == right.rule && left.order == right.order
        && left.orderedBy == right.orderedBy && left.workflow == right.workflow
        && left.sizeMax == right.sizeMax && left.sizeMin == right.sizeMin
        && left.itemSize == right.itemSize && left.required == right.required
        && left.writers == right.writers && left.permission == right.permission
        && left.removed == right.removed)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    hasher.combine(kind)
    hasher.combine(rule)
  }
}
