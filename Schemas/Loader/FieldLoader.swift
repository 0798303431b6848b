import Merge

/// Reads one field, and checks what its keys say together.
struct FieldLoader {
  let creators: [Role]
  let workflows: [Workflow]

  private static let keys =
    [
      "kind", "sealed", "rule", "required", "write", "permission", "order", "by", "workflow",
      "removed",
    ]
    + ValueShape.keys

  func load(_ name: String, _ node: SchemaNode) throws(SchemaError) -> Field {
    let object = try node.object(keys: Self.keys)
    let rule = try object.required("rule").word(Rule.self)
    try checkKeys(object, rule)
    let workflow = try self.workflow(object)
    let shape = try ValueShapeLoader(place: .field, impliedValues: workflow?.states).load(object)
    let orderedBy = try self.orderedBy(object, shape, rule)
    let field = Field(
      name: name, kind: shape.kind, sealed: try object.flag("sealed"), rule: rule,
      order: try order(object, shape, orderedBy), orderedBy: orderedBy, workflow: workflow?.name,
      sizeMax: shape.sizeMax, sizeMin: shape.sizeMin, itemSize: shape.itemSize,
      required: try object.flag("required"), writers: try object["write"]?.roles() ?? [],
      permission: try object["permission"]?.word(Permission.self),
      removed: try object.flag("removed"))
    if field.required, field.removed, let node = object["removed"] {
      throw node.error(.misplacedKey(belongsTo: "fields that are not required"))
    }
    try checkKind(field, object)
    try checkSealed(field, object)
    try checkWriters(field, object, workflow)
    guard field.encodedByteCountMax <= SchemaLimits.valueByteCountMax else {
      throw node.error(.valueTooLarge(byteCountMax: SchemaLimits.valueByteCountMax))
    }
    return field
  }

  /// Refuses keys that belong to other rules.
  private func checkKeys(_ object: SchemaObject, _ rule: Rule) throws(SchemaError) {
    if !rule.isOrdered, let node = object["order"] {
      throw node.error(.misplacedKey(belongsTo: "rule highest, lowest, revoke_wins"))
    }
    if rule != .workflow, let node = object["workflow"] {
      throw node.error(.misplacedKey(belongsTo: "rule workflow"))
    }
    if !rule.isOrdered, rule != .workflow, let node = object["by"] {
      throw node.error(.misplacedKey(belongsTo: "rule highest, lowest, revoke_wins, workflow"))
    }
    if rule == .workflow { _ = try object.required("workflow") }
    if rule.isOrdered { _ = try object.required("order") }
  }

  private func workflow(_ object: SchemaObject) throws(SchemaError) -> Workflow? {
    guard let node = object["workflow"] else { return nil }
    let name = try node.unreservedName()
    guard let workflow = workflows.first(where: { $0.name == name }) else {
      throw node.error(.undeclared("workflow"))
    }
    return workflow
  }

  /// The component that the order or the workflow speaks of.
  private func orderedBy(
    _ object: SchemaObject, _ shape: ValueShape, _ rule: Rule
  ) throws(SchemaError) -> String? {
    guard case .group(let components) = shape.kind else {
      if let node = object["by"] { throw node.error(.misplacedKey(belongsTo: "kind group")) }
      return nil
    }
    guard rule.isOrdered || rule == .workflow else { return nil }
    let name = try object["by"]?.name() ?? (rule == .workflow ? "state" : nil)
    guard let name else { throw object.node.error(.missingKey("by")) }
    let at = object["by"] ?? object.node
    guard let component = components.first(where: { $0.name == name }),
      case .enumeration = component.kind
    else { throw at.error(.notAnEnumComponent) }
    guard component.required else {
      let of = SchemaPath.join(SchemaPath.join(object.node.path, key: "of"), key: name)
      throw SchemaError(file: object.node.file, path: of, reason: .notRequired)
    }
    return name
  }

  private func order(
    _ object: SchemaObject, _ shape: ValueShape, _ orderedBy: String?
  ) throws(SchemaError) -> [String] {
    guard let node = object["order"] else { return [] }
    let order = try node.names(SchemaLimits.wordCounts)
    guard let values = shape.kind.enumeratedValues(component: orderedBy) else { return order }
    guard order.count == values.count, Set(order) == Set(values) else {
      throw node.error(.orderDiffers)
    }
    return order
  }

  private func checkKind(_ field: Field, _ object: SchemaObject) throws(SchemaError) {
    let node = try object.required("kind")
    let isSet = if case .set = field.kind { true } else { false }
    if field.rule.isSet != isSet {
      let allowed = field.rule.isSet ? "kind set" : "kinds other than set"
      throw node.error(.wrongKindForRule(allowed: allowed))
    }
    // A new record's sets are empty; there is nothing to require.
    if isSet, field.required, let node = object["required"] {
      throw node.error(.misplacedKey(belongsTo: "kinds other than set"))
    }
    if field.rule.isOrdered || field.rule == .workflow {
      guard field.kind.enumeratedValues(component: field.orderedBy) != nil else {
        throw node.error(.wrongKindForRule(allowed: "kinds enum and group"))
      }
    }
  }

  private func checkSealed(_ field: Field, _ object: SchemaObject) throws(SchemaError) {
    guard field.sealed, let node = object["sealed"] else { return }
    guard field.rule.maySeal else {
      throw node.error(.notSealable("a field with rule \(field.rule.rawValue)"))
    }
    if case .group = field.kind { throw node.error(.notSealable("a group")) }
  }

  private func checkWriters(
    _ field: Field, _ object: SchemaObject, _ workflow: Workflow?
  ) throws(SchemaError) {
    let writers = field.writers.isEmpty ? creators : field.writers
    let at = object["write"] ?? object.node
    if field.required, !writers.contains(.author) {
      for role in creators where !writers.contains(role) {
        throw at.error(.notWritable(role: role.rawValue))
      }
    }
    for role in workflow?.transitions.flatMap(\.roles) ?? []
    where role != .author && !writers.contains(role) {
      throw at.error(.notWritable(role: role.rawValue))
    }
  }
}

extension Rule {
  /// Whether the schema declares an order for the rule.
  var isOrdered: Bool { self == .highest || self == .lowest || self == .revokeWins }
}

extension Field.Kind {
  /// The values of an enumeration, or of the named component of a group.
  func enumeratedValues(component: String?) -> [String]? {
    switch self {
    case .enumeration(let values): values
    case .group(let components):
      components.first { $0.name == component }?.kind.enumeratedValues(component: nil)
    default: nil
    }
  }
}
