import Merge

/// What makes no sense in one record type, though it can be read.
struct TypeCheck {
  let file: String
  let type: RecordType

  var problems: [SchemaProblem] {
    var found: [SchemaProblem] = []
    if file != "\(type.name).json" {
      found.append(problem(["type"], "the file is not named after its type", "rename it"))
    }
    found += roles(type.creators, ["create"]) + roles(type.deleters, ["delete"])
    if type.createPermission != nil { found += permission(["create_permission"]) }
    for field in type.fields { found += problems(of: field) }
    for workflow in type.workflows { found += problems(of: workflow) }
    return found
  }

  private func problem(_ keys: [String], _ what: String, _ advice: String) -> SchemaProblem {
    SchemaProblem(file, keys, what, advice)
  }

  /// Nobody is in a space in a role that its kind does not have.
  private func roles(_ roles: [Role], _ keys: [String]) -> [SchemaProblem] {
    let known = type.space.roles
    return roles.enumerated().filter { !known.contains($0.element) }.map { index, role in
      problem(
        keys + ["\(index)"],
        "nobody is \(role.rawValue) in a space of kind \(type.space.rawValue)",
        "name one of: \(known.map(\.rawValue).joined(separator: ", "))")
    }
  }

  /// Consent lets people into engagements, and is about nothing else.
  private func permission(_ keys: [String]) -> [SchemaProblem] {
    if type.space == .engagement { return [] }
    return [
      problem(
        keys, "a consent's permissions count in engagements only",
        "remove it, or put the type into an engagement")
    ]
  }

  private func problems(of field: Field) -> [SchemaProblem] {
    let keys = ["fields", field.name]
    var found = roles(field.writers, keys + ["write"])
    if field.permission != nil { found += permission(keys + ["permission"]) }
    if field.rule.isOrdered, field.order.count < 2 {
      found.append(
        problem(
          keys + ["order"], "one word leaves nothing to decide",
          "declare a second one, or use the rule latest"))
    }
    if let explanation = RuleProof(field: field, type: type).counterexample {
      found.append(
        problem(
          keys + ["rule"], "the rule does not come to the same in every order: \(explanation)",
          "do not use it: the rule's code is wrong"))
    }
    return found
  }

  private func problems(of workflow: Workflow) -> [SchemaProblem] {
    let keys = ["workflows", workflow.name]
    var found: [SchemaProblem] = []
    let named = Set(workflow.transitions.flatMap(\.roles))
    let unknown = Role.allCases.filter { named.contains($0) && !type.space.roles.contains($0) }
    for role in unknown {
      found.append(
        problem(
          keys + ["transitions"],
          "nobody is \(role.rawValue) in a space of kind \(type.space.rawValue)",
          "name one of: \(type.space.roles.map(\.rawValue).joined(separator: ", "))"))
    }
    let first = workflow.transitions.filter { $0.from == nil }
    if !first.flatMap(\.roles).contains(where: { type.creators.contains($0) || $0 == .author }) {
      found.append(
        problem(
          keys + ["transitions"], "nobody who creates a record may give it its first state",
          "let a role under \"create\" take a transition from null"))
    }
    return found
  }
}

extension SpaceKind {
  /// Who can be in such a space, and what the schema may name besides (design §2).
  var roles: [Role] {
    let members: [Role] =
      switch self {
      case .vault, .inbox: [.owner]
      case .assignment: [.admin, .practitioner, .client, .family]
      case .engagement: [.practitioner, .client, .family]
      case .casework: [.contact, .staff]
      case .team: [.staff]
      case .directory: [.admin, .staff]
      }
    return members + [.server, .author]
  }
}
