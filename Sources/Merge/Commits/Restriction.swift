extension Commit {
  /// Whether the commit only takes away: revokes, declines, removes. Such a commit is never refused
  /// for its time, and nothing that has to wait holds it up (design §4).
  public func isRestricting(in schema: Schema) -> Bool {
    guard changes.count == 1, let change = changes.first, change.operation == .update,
      !change.writes.isEmpty, let type = schema.type(change.type)
    else { return false }
    return change.writes.allSatisfy { write in
      type.field(write.field)?.isRestriction(write) ?? false
    }
  }

  /// The same, where a newer schema might say so of what this one does not know.
  func mayBeRestricting(in schema: Schema) -> Bool {
    if isRestricting(in: schema) { return true }
    return changes.count == 1 && changes.first?.operation == .update && !schema.understands(self)
  }
}

extension Field {
  /// Any declared word but the one that grants, which stands last in the order.
  func isRestriction(_ write: FieldWrite) -> Bool {
    guard rule == .revokeWins, let word = orderedWord(of: write.value) else { return false }
    return word != order.last && order.contains(word)
  }
}
