import Replica

/// One kind of thing that somebody does with the program.
///
/// A new one is a value beside what it does, and a line in ``all``.
struct Action: Weighted {
  let name: String
  let weight: Int
  /// Whether it is for this person to do.
  let isFor: @Sendable (Party) -> Bool
  /// - Returns: what was done in a few words, for the trace; nothing where there was nothing to do it
  ///   to.
  let perform: @Sendable (inout Workload, Party) throws -> String

  init(
    _ name: String, weight: Int, for isFor: @escaping @Sendable (Party) -> Bool,
    perform: @escaping @Sendable (inout Workload, Party) throws -> String
  ) {
    self.name = name
    self.weight = weight
    self.isFor = isFor
    self.perform = perform
  }

  static let all =
    casework + consent + requests + files + standingShares + people + laterSchema
    + declaredTypes

  // MARK: Whom it is for

  static let anybody: @Sendable (Party) -> Bool = { _ in true }
  static let admins: @Sendable (Party) -> Bool = { $0.role == .admin }
  static let clients: @Sendable (Party) -> Bool = { $0.role == .client }
  static let practitioners: @Sendable (Party) -> Bool = { $0.role == .practitioner }
  static let bothSides: @Sendable (Party) -> Bool = { $0.role != .admin }
}
