import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

@Suite struct FoundingTests {
  @Test func aFoundedPracticeAgreesEverywhere() throws {
    let world = try World()
    try world.settle()
    try world.expectConverged()
    let spaces = try world.client.presentSpaces()
    #expect(Set(spaces).isSuperset(of: [world.facts.engagement, world.facts.casework]))
    let tablet = try world.tablet.presentSpaces()
    #expect(Set(tablet) == Set(spaces))
  }
}
