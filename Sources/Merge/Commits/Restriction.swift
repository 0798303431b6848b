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
}

extension Field {
  /// Anything but the word that grants, which stands last in the declared order.
  func isRestriction(_ write: FieldWrite) -> Bool {
    rule == .revokeWins && orderedWord(of: write.value) != order.last
  }
}
