/// Which fields of its type a change writes.
///
/// Neighbours in a commit mostly write the same ones: these are looked up by name once, and compared
/// with the keys of the next change then.
package struct WrittenFields {
  private var type: RecordType?
  private var keys: [String] = []
  private var places: [Int?] = []
  /// Another number whenever other fields are written than by the change before: what was worked out
  /// for a shape holds while it is the same. 0 before the first.
  package private(set) var shape = 0

  package init() {}

  /// For each write the index of its field in the type's fields; `nil` for one that is not known.
  package mutating func places(of change: RecordChange, _ type: RecordType) -> [Int?] {
    if self.type === type, isSame(change.writes) { return places }
    self.type = type
    keys = change.writes.map(\.key)
    places = change.writes.map { type.index(of: $0.field) }
    shape += 1
    return places
  }

  private func isSame(_ writes: [FieldWrite]) -> Bool {
    guard keys.count == writes.count else { return false }
    for index in keys.indices where keys[index] != writes[index].key { return false }
    return true
  }
}
