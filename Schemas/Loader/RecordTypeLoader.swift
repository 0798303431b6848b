import Merge

/// Reads a record type, and checks what its parts say together.
struct RecordTypeLoader {
  private static let keys = [
    "type", "space", "parent", "concurrent_delete", "history", "fields", "workflows", "create",
    "create_permission", "delete", "removed",
  ]

  func load(_ root: SchemaNode) throws(SchemaError) -> RecordType {
    let object = try root.object(keys: Self.keys)
    let creators = try object.required("create").roles(except: [.author])
    let workflows = try self.workflows(object)
    let fields = try self.fields(object, FieldLoader(creators: creators, workflows: workflows))
    let type = RecordType(
      name: try name(try object.required("type")),
      space: try object.required("space").word(SpaceKind.self),
      parent: try parent(object, fields),
      concurrentDelete: try object.required("concurrent_delete")
        .word(RecordType.ConcurrentDelete.self),
      history: try object.required("history").word(RecordType.History.self),
      fields: fields, workflows: workflows, creators: creators,
      deleters: try object.required("delete").roles(0...Role.allCases.count),
      createPermission: try object["create_permission"]?.word(Permission.self),
      removed: try object.flag("removed"))
    try checkHistory(type, object)
    try checkWorkflowsAreUsed(type, object)
    try checkColumns(object, fields)
    return type
  }

  private func name(_ node: SchemaNode) throws(SchemaError) -> String {
    let name = try node.unreservedName()
    // SQLite keeps these table names to itself.
    guard !name.hasPrefix("sqlite_") else { throw node.error(.reservedName) }
    return name
  }

  private func workflows(_ object: SchemaObject) throws(SchemaError) -> [Workflow] {
    guard let node = object["workflows"] else { return [] }
    var workflows: [Workflow] = []
    let members = try node.namedMembers(
      SchemaLimits.workflowCounts, reserved: SchemaName.reserved)
    for (name, node) in members { workflows.append(try WorkflowLoader().load(name, node)) }
    return workflows
  }

  private func fields(
    _ object: SchemaObject, _ loader: FieldLoader
  ) throws(SchemaError) -> [Field] {
    var fields: [Field] = []
    let members = try object.required("fields").namedMembers(
      SchemaLimits.fieldCounts, reserved: SchemaName.reserved)
    for (name, node) in members { fields.append(try loader.load(name, node)) }
    return fields
  }

  private func parent(
    _ object: SchemaObject, _ fields: [Field]
  ) throws(SchemaError) -> RecordType.Parent? {
    guard let parent = try object["parent"]?.object(keys: ["field", "type", "on_delete"]) else {
      return nil
    }
    let fieldNode = try parent.required("field")
    let name = try fieldNode.unreservedName()
    let type = try parent.required("type").unreservedName()
    guard let field = fields.first(where: { $0.name == name }) else {
      throw fieldNode.error(.undeclared("field"))
    }
    // A record has one parent from its first write on, and the server knows it.
    guard field.kind == .record(type), field.required, field.rule == .once, !field.sealed else {
      throw fieldNode.error(.badParentField)
    }
    return RecordType.Parent(
      field: name, type: type,
      onDelete: try parent.required("on_delete").word(RecordType.Parent.OnDelete.self))
  }

  private func checkHistory(_ type: RecordType, _ object: SchemaObject) throws(SchemaError) {
    if type.history != .keep, type.fields.contains(where: \.isGuarded) {
      throw try object.required("history").error(.noHistory)
    }
  }

  private func checkWorkflowsAreUsed(
    _ type: RecordType, _ object: SchemaObject
  ) throws(SchemaError) {
    guard let node = object["workflows"] else { return }
    for workflow in type.workflows
    where !type.fields.contains(where: { $0.workflow == workflow.name }) {
      let path = SchemaPath.join(node.path, key: workflow.name)
      throw SchemaError(file: node.file, path: path, reason: .unused)
    }
  }

  /// Two fields must not claim one SQL column.
  private func checkColumns(_ object: SchemaObject, _ fields: [Field]) throws(SchemaError) {
    let node = try object.required("fields")
    var taken: Set<String> = []
    for field in fields {
      let path = SchemaPath.join(node.path, key: field.name)
      for column in field.columns where !taken.insert(column).inserted {
        throw SchemaError(file: node.file, path: path, reason: .columnTaken(column))
      }
    }
  }
}

extension Field {
  /// The field's SQL columns.
  fileprivate var columns: [String] {
    guard case .group(let components) = kind else { return [name] }
    return components.map { "\(name)_\($0.name)" }
  }
}
