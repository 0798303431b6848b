import Merge
import TestSupport
import Testing

struct VersionVectorTests {
  private static func vector(_ random: inout SplitMix64) -> VersionVector {
    var vector = VersionVector()
    for _ in 0..<Int.random(in: 0...6, using: &random) {
      let device = Int.random(in: 1...4, using: &random)
      vector.advance(.home(of: device), to: UInt64.random(in: 0...9, using: &random))
    }
    return vector
  }

  private static func union(_ left: VersionVector, _ right: VersionVector) -> VersionVector {
    var result = left
    result.merge(right)
    return result
  }

  @Test(arguments: 0..<100) func mergingIsTheLeastUpperBound(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let (a, b, c) = (Self.vector(&random), Self.vector(&random), Self.vector(&random))
    let both = Self.union(a, b)
    #expect(both == Self.union(b, a))
    #expect(Self.union(both, c) == Self.union(a, Self.union(b, c)))
    #expect(Self.union(a, a) == a)
    #expect(both.covers(a) && both.covers(b))
    let isAboveBoth = c.covers(a) && c.covers(b)
    #expect(c.covers(both) == isAboveBoth)
    #expect((a.covers(b) && b.covers(a)) == (a == b))
  }

  @Test(arguments: 0..<50) func coversWhatItsEntriesSay(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let vector = Self.vector(&random)
    #expect(vector.entries.map(\.replica) == vector.entries.map(\.replica).sorted())
    for (replica, sequence) in vector.entries {
      #expect(vector[replica] == sequence)
      #expect(vector.contains(Origin(replica: replica, sequence: sequence)))
      #expect(!vector.contains(Origin(replica: replica, sequence: sequence + 1)))
    }
  }

  @Test func neverGoesBack() {
    var vector = VersionVector()
    vector.advance(.home(of: 1), to: 5)
    vector.advance(.home(of: 1), to: 3)
    #expect(vector[.home(of: 1)] == 5)
    #expect(vector[.home(of: 2)] == 0)
  }

  @Test func knowingNothingOfAReplicaLeavesNoTrace() {
    var vector = VersionVector()
    vector.advance(.home(of: 1), to: 0)
    #expect(vector == VersionVector())
    #expect(vector.entries.isEmpty)
  }

  @Test func homesOfOneDeviceAreApart() {
    var vector = VersionVector()
    let copy = ReplicaID(device: .numbered(1), home: 77)
    vector.advance(.home(of: 1), to: 5)
    #expect(vector[copy] == 0)
  }
}
