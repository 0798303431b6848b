import Merge

/// Whether a newer version of a type only adds to an older one.
///
/// The measure: whatever the newer one accepts, the older one accepts or does not know; and whatever the
/// older one accepts, the newer one accepts. Otherwise a program with the older version would take an
/// honest server for a dishonest one, or lose its own work. So limits and roles stay as they are, also
/// where they would only be widened.
struct GrowthCheck {
  let file: String
  let older: RecordType
  let newer: RecordType

  private static let fixed = "leave it as it was released; declare another field or type instead"

  var problems: [SchemaProblem] {
    var found: [SchemaProblem] = []
    found += same("space", older.space, newer.space)
    found += same("parent", older.parent, newer.parent)
    found += same("concurrent_delete", older.concurrentDelete, newer.concurrentDelete)
    found += same("history", older.history, newer.history)
    found += same("create", Set(older.creators), Set(newer.creators))
    found += same("create_permission", older.createPermission, newer.createPermission)
    found += same("delete", Set(older.deleters), Set(newer.deleters))
    for field in older.fields {
      if let now = newer.field(field.name) {
        found += problems(of: field, now)
      } else {
        found.append(
          problem(
            ["fields", field.name], "the field is gone",
            "keep it, with \"removed\": true: it stays readable"))
      }
    }
    for field in newer.fields where older.field(field.name) == nil && field.required {
      found.append(
        problem(
          ["fields", field.name, "required"], "older programs create records without it",
          "remove \"required\""))
    }
    for workflow in older.workflows {
      if let now = newer.workflow(workflow.name) { found += problems(of: workflow, now) }
    }
    return found
  }

  private func problem(_ keys: [String], _ what: String, _ advice: String) -> SchemaProblem {
    SchemaProblem(file, keys, what, advice)
  }

  private func same<Value: Equatable>(
    _ key: String, of keys: [String] = [], _ old: Value, _ new: Value
  ) -> [SchemaProblem] {
    old == new ? [] : [problem(keys + [key], "\(key) has changed", Self.fixed)]
  }

  // MARK: Fields

  private func problems(of old: Field, _ new: Field) -> [SchemaProblem] {
    let keys = ["fields", old.name]
    var found: [SchemaProblem] = []
    found += same("rule", of: keys, old.rule, new.rule)
    found += same("required", of: keys, old.required, new.required)
    found += same("permission", of: keys, old.permission, new.permission)
    found += same("by", of: keys, old.orderedBy, new.orderedBy)
    found += same("workflow", of: keys, old.workflow, new.workflow)
    found += same("write", of: keys, writers(old, older), writers(new, newer))
    if old.sealed != new.sealed {
      found.append(
        problem(
          keys + ["sealed"],
          old.sealed ? "what was sealed would become open" : "older programs write it open",
          Self.fixed))
    }
    found += problems(of: old.kind, new.kind, keys)
    // Of an enum or a group it follows from the words and components.
    if !old.kind.isCounted, old.sizeMin != new.sizeMin || old.sizeMax != new.sizeMax {
      found.append(problem(keys, "the limits have changed", Self.fixed))
    }
    if !old.kind.hasWords, old.itemSize != new.itemSize {
      found.append(problem(keys + ["of"], "the limits of an element have changed", Self.fixed))
    }
    found += order(old, new, keys + ["order"])
    return found
  }

  private func writers(_ field: Field, _ type: RecordType) -> Set<Role> {
    Set(field.writers.isEmpty ? type.creators : field.writers)
  }

  private func problems(
    of old: Field.Kind, _ new: Field.Kind, _ keys: [String]
  ) -> [SchemaProblem] {
    switch (old, new) {
    case (.enumeration(let old), .enumeration(let new)):
      if new.starts(with: old) { return [] }
      return [
        problem(
          keys + ["values"], "the values are not those of before with others after them",
          "keep the old ones as they were, and add new ones at the end")
      ]
    case (.list(let old), .list(let new)), (.set(let old), .set(let new)):
      return problems(of: old, new, keys + ["of"])
    case (.group(let old), .group(let new)): return components(old, new, keys + ["of"])
    default: return old == new ? [] : [problem(keys + ["kind"], "kind has changed", Self.fixed)]
    }
  }

  private func components(
    _ old: [Field.Component], _ new: [Field.Component], _ keys: [String]
  ) -> [SchemaProblem] {
    var found: [SchemaProblem] = []
    for component in old {
      let keys = keys + [component.name]
      guard let now = new.first(where: { $0.name == component.name }) else {
        found.append(problem(keys, "the component is gone", "keep it"))
        continue
      }
      found += same("required", of: keys, component.required, now.required)
      found += problems(of: component.kind, now.kind, keys)
      let limits = [component.sizeMin, component.sizeMax] == [now.sizeMin, now.sizeMax]
      if !component.kind.isCounted, !limits {
        found.append(problem(keys, "the limits have changed", Self.fixed))
      }
      if !component.kind.hasWords, component.itemSize != now.itemSize {
        found.append(problem(keys + ["of"], "the limits of an element have changed", Self.fixed))
      }
    }
    for component in new where component.required {
      if old.contains(where: { $0.name == component.name }) { continue }
      found.append(
        problem(
          keys + [component.name, "required"], "older programs write the group without it",
          "remove \"required\""))
    }
    return found
  }

  /// New words may come in anywhere, but the old ones stay in their order; and the word that grants
  /// stays last, because all others count as taking away.
  private func order(_ old: Field, _ new: Field, _ keys: [String]) -> [SchemaProblem] {
    guard new.order.filter(Set(old.order).contains) == old.order else {
      return [problem(keys, "the order has changed", Self.fixed)]
    }
    if old.rule == .revokeWins, old.order.last != new.order.last {
      return [
        problem(
          keys, "another word would grant", "keep \(old.order.last ?? "the last word") last")
      ]
    }
    return []
  }

  // MARK: Workflows

  private func problems(of old: Workflow, _ new: Workflow) -> [SchemaProblem] {
    let keys = ["workflows", old.name]
    var found: [SchemaProblem] = []
    if !new.states.starts(with: old.states) {
      found.append(
        problem(
          keys + ["states"], "the states are not those of before with others after them",
          "keep the old ones as they were, and add new ones at the end"))
    }
    let known = Set(old.states)
    if new.precedence.filter(known.contains) != old.precedence {
      found.append(problem(keys + ["precedence"], "the precedence has changed", Self.fixed))
    }
    let among = new.transitions.filter { step in
      known.contains(step.to) && step.from.map(known.contains) ?? true
    }
    if Set(among.map(Step.init)) != Set(old.transitions.map(Step.init)) {
      found.append(
        problem(
          keys + ["transitions"], "transitions among the old states have changed",
          "leave them as they were released; new ones begin or end in a new state"))
    }
    return found
  }

  private struct Step: Hashable {
    let from: String?
    let to: String
    let roles: Set<Role>

    init(_ transition: Workflow.Transition) {
      from = transition.from
      to = transition.to
      roles = Set(transition.roles)
    }
  }
}

extension Field.Kind {
  /// Whether the size follows from words or components, which are compared themselves.
  fileprivate var isCounted: Bool {
    switch self {
    case .enumeration, .group: true
    default: false
    }
  }

  /// Whether the elements are words.
  fileprivate var hasWords: Bool {
    switch self {
    case .list(.enumeration), .set(.enumeration), .enumeration, .group: true
    default: false
    }
  }
}
