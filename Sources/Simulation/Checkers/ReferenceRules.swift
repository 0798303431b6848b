import CBOR
import Merge

/// The conflict rules once more, from the table in the design and in the plainest way.
extension ReferenceModel {
  /// The value shown; `nil` where none is.
  static func shown(_ standing: [Write], _ field: Field, _ type: RecordType) -> Write? {
    if standing.count < 2 { return standing.first }
    let latestFirst = standing.sorted { isLater($0, than: $1) }
    switch field.rule {
    case .latest: return latestFirst.first
    case .once: return standing.sorted { $0.position < $1.position }.first
    case .highest: return first(of: field.order.reversed(), in: latestFirst, field)
    case .lowest, .revokeWins: return first(of: field.order, in: latestFirst, field)
    case .workflow:
      let workflow = type.workflows.first { $0.name == field.workflow }
      return first(of: workflow?.precedence ?? [], in: latestFirst, field)
    case .addWins: return element(true, standing)
    case .removeWins: return element(false, standing)
    case .all: return nil
    }
  }

  private static func isLater(_ left: Write, than right: Write) -> Bool {
    if left.time != right.time { return left.time > right.time }
    if left.origin.replica != right.origin.replica {
      return left.origin.replica > right.origin.replica
    }
    return left.origin.sequence > right.origin.sequence
  }

  /// The latest value of the first word that any value has; the latest of all where none has any.
  private static func first(
    of words: some Sequence<String>, in latestFirst: [Write], _ field: Field
  ) -> Write? {
    for word in words {
      if let found = latestFirst.first(where: { self.word($0, field) == word }) { return found }
    }
    return latestFirst.first
  }

  private static func word(_ write: Write, _ field: Field) -> String? {
    if let component = field.orderedBy { return write.value?.map?[component]?.text }
    return write.value?.text
  }

  private static func element(_ wanted: Bool, _ standing: [Write]) -> Write? {
    standing.first { $0.value == .bool(wanted) } ?? standing.first
  }
}
