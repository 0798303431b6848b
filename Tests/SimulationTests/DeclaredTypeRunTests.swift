import Merge
import Replica
import SpaceStore
import Testing

@testable import Simulation

/// A record type of the organisation grows while people use it, with all that else happens in a run.
@Suite struct DeclaredTypeRunTests {
  private static func declare(_ world: World) throws {
    _ = try world.admin.replica.declareType(
      DeclaredVisit.file(of: world.facts.organisation, fieldCount: 0), world.admin.network)
    try world.settle()
  }

  @Test(arguments: 201...203 as ClosedRange<UInt64>)
  func allComeToTheSame(seed: UInt64) throws {
    var options = Run.Options()
    options.stepCount = 120
    let run = try Run(seed: seed, options: options)
    try Self.declare(run.world)
    let outcome = try run.perform()
    #expect(outcome.violations == [])
    let name = DeclaredVisit.name(of: run.world.facts.organisation)
    // Without records and next versions the run would be about nothing.
    let keys = try run.world.withServerStore { store in
      try store.spaceIDs().flatMap { try store.keys(of: $0) }
    }
    #expect(keys.contains { $0.type == name })
    let type = try run.world.admin.replica.declaredType(named: name)
    #expect(type.fields.count > 3)
  }
}
