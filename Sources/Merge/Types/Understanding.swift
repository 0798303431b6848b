/// How much of a write a schema can judge: a newer one has types, fields and words that an older one
/// does not know (design §5).
///
/// What is not known is neither accepted nor refused: a server defers it, a device keeps it in the
/// log and applies it once its schema has grown.
public enum Understanding: Hashable, Sendable {
  case whole
  /// The field is known; its value has a word or a component that is not declared.
  case field
  /// The field is not known.
  case none
}

extension RecordType {
  public func understanding(of write: FieldWrite) -> Understanding {
    guard let field = field(write.field) else { return .none }
    // What is sealed cannot be looked into here.
    if write.sealed || field.sealed || !field.mayGrow { return .whole }
    return field.valueProblem(with: write)?.isUndeclared == true ? .field : .whole
  }

  /// Whether every value that stands can be judged: a field with another one is read-only here.
  public func understands(_ register: Register, key: String) -> Bool {
    register.siblings.allSatisfy { sibling in
      understanding(of: FieldWrite(key: key, value: sibling.value)) != .field
    }
  }
}

extension Schema {
  public func understands(_ commit: Commit) -> Bool {
    commit.changes.allSatisfy { change in
      guard let type = type(change.type) else { return false }
      return change.writes.allSatisfy { type.understanding(of: $0) == .whole }
    }
  }
}

extension ValueProblem {
  /// Whether the value has a word that a newer schema may declare.
  var isUndeclared: Bool {
    switch self {
    case .undeclaredValue, .undeclaredComponent: true
    case .component(_, let problem), .element(_, let problem): problem.isUndeclared
    default: false
    }
  }
}
