import Testing

@testable import Simulation

/// Some know a later schema, and others come to it one by one, while all of them write.
@Suite struct MixedSchemaTests {
  @Test(arguments: 101...104 as ClosedRange<UInt64>)
  func allComeToTheSame(seed: UInt64) throws {
    let run = try Run(seed: seed)
    try run.world.upgradeServer()
    try run.world.practitioner.upgrade()
    let outcome = try run.perform()
    #expect(outcome.violations == [])
  }

  /// The server knows less than those who write: what they write waits, and gets through.
  @Test(arguments: 113...114 as ClosedRange<UInt64>)
  func anOlderServerHoldsNobodyUpForEver(seed: UInt64) throws {
    let run = try Run(seed: seed)
    for party in run.parties { try party.upgrade() }
    let outcome = try run.perform()
    #expect(outcome.violations == [])
  }

  /// Without the words that only some know, the other tests would be about nothing.
  @Test func thereIsSomethingNotToKnow() throws {
    let run = try Run(seed: 101)
    try run.world.upgradeServer()
    try run.world.practitioner.upgrade()
    var workload = run.workload
    for number in 0..<12 {
      workload.begin(step: number)
      _ = try run.attempt { try workload.useNewWords(run.world.practitioner) }
      _ = try run.attempt { try workload.remind(run.world.practitioner) }
    }
    try run.world.settle()
    let unknown = try run.world.client.replica.database.rows(
      "SELECT part FROM _unapplied"
    ) { $0.integer(0) }
    #expect(Set(unknown) == [0, 1, 2])
  }
}
