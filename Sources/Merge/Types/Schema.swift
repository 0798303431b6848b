/// All record types that a replica or a server knows, by name.
public struct Schema: Sendable {
  /// Sorted by name.
  public let types: [RecordType]
  private let indexByName: [String: Int]

  public init(types: [RecordType]) {
    let sorted = types.sorted { $0.name < $1.name }
    self.types = sorted
    indexByName = Dictionary(
      sorted.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func type(_ name: String) -> RecordType? { indexByName[name].map { types[$0] } }
}
