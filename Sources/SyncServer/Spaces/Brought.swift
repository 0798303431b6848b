import Merge
import SyncProtocol

/// What a space's log was brought up to from other histories: while they are the same, there is nothing
/// to look for in them.
struct Brought {
  /// Whose chains were looked through.
  private let members: [AccountID]
  private let chainGrowthCount: UInt64
  private let assignment: SpaceID?
  /// Where the assignment's log ended.
  private let position: Position?

  init(_ link: SpaceLink, members: [AccountID], in core: ServerCore) throws {
    self.members = members
    chainGrowthCount = core.chains.growthCount
    assignment = link.assignment
    position = try Self.position(of: link.assignment, in: core)
  }

  func isPresent(of space: SpaceID, in core: ServerCore) throws -> Bool {
    guard chainGrowthCount == core.chains.growthCount,
      try members == core.store.state(space).presentMembers
    else { return false }
    return try position == Self.position(of: assignment, in: core)
  }

  private static func position(of assignment: SpaceID?, in core: ServerCore) throws -> Position? {
    guard let assignment, try core.store.knows(assignment) else { return nil }
    return try core.store.state(assignment).position
  }
}

extension ServerCore {
  /// Spaces kept in memory; what is dropped is looked up again.
  private static var broughtCountMax: Int { 65_536 }

  func note(_ brought: Brought, of space: SpaceID) {
    if self.brought.count >= Self.broughtCountMax { self.brought = [:] }
    self.brought[space] = brought
  }
}
