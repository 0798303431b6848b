import CBOR
import Merge
import TestSupport
import Testing

struct RegisterTests {
  @Test func aWriteDropsWhatItsAuthorHadSeen() {
    var register = Register()
    register.apply(.by(1, 1, at: 5, "old"), seen: .zero)
    register.apply(.by(2, 1, at: 7, "new"), seen: Position(5))
    #expect(register.siblings == [.by(2, 1, at: 7, "new")])
    #expect(!register.isConflict)
  }

  @Test func aWriteKeepsWhatItsAuthorHadNotSeen() {
    var register = Register()
    register.apply(.by(1, 1, at: 5, "one"), seen: .zero)
    register.apply(.by(2, 1, at: 7, "two"), seen: Position(4))
    #expect(register.siblings == [.by(1, 1, at: 5, "one"), .by(2, 1, at: 7, "two")])
    #expect(register.isConflict)
  }

  @Test func aWriteDropsItsOwnReplicasEarlierOnes() {
    var register = Register()
    register.apply(.by(1, 1, at: 5, "first"), seen: .zero)
    register.apply(.by(1, 2, at: 6, "second"), seen: .zero)
    #expect(register.siblings == [.by(1, 2, at: 6, "second")])
  }

  @Test func anotherHomeOfTheSameDeviceIsAnotherAuthor() {
    var register = Register()
    register.apply(.by(1, 1, at: 5, "first"), seen: .zero)
    let copy = Origin(replica: ReplicaID(device: .numbered(1), home: 99), sequence: 2)
    let write = Sibling(
      position: Position(6), authorship: Authorship(origin: copy, time: .zero), value: "copy")
    register.apply(write, seen: .zero)
    #expect(register.siblings.count == 2)
  }

  @Test func aReissueDoesNotDropWhatItsAuthorWroteSince() {
    var register = Register()
    register.apply(.by(1, 5, at: 5, "later"), seen: .zero)
    register.apply(.by(1, 2, at: 6, "re-issued"), seen: .zero)
    #expect(register.origins == [.of(1, 5), .of(1, 2)])
  }

  @Test func overwritingTakesBeingSeenOrBeingEarlier() {
    let sibling = Sibling.by(1, 5, at: 9, "value")
    func isOverwritten(_ origin: Origin, seen: UInt64) -> Bool {
      Register.isOverwritten(sibling, by: origin, seen: Seen(upTo: Position(seen)))
    }
    #expect(isOverwritten(.of(2, 1), seen: 9))
    #expect(!isOverwritten(.of(2, 99), seen: 8))
    #expect(isOverwritten(.of(1, 6), seen: 0))
    #expect(!isOverwritten(.of(1, 5), seen: 0))
    #expect(!isOverwritten(.of(1, 4), seen: 0))
  }

  @Test func oneChoiceSettlesAllSiblingsItHasSeen() {
    var register = Register()
    for device in 1...4 {
      register.apply(.by(device, 1, at: UInt64(device), .unsigned(UInt64(device))), seen: .zero)
    }
    #expect(register.siblings.count == 4)
    register.apply(.by(5, 1, at: 9, "chosen"), seen: Position(3))
    #expect(register.origins == [.of(4, 1), .of(5, 1)])
  }

  @Test func siblingsAreASet() {
    let one = Sibling.by(1, 1, at: 5, "one")
    let two = Sibling.by(2, 1, at: 3, "two")
    let register = Register(siblings: [one, two, one, two, one])
    #expect(register.siblings == [two, one])
    #expect(!Register(siblings: [one, one]).isConflict)
  }

  @Test(arguments: 0..<200) func equalsItsDefinition(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let history = History(replicaCount: 4, eventCount: 80, random: &random)
    let register = History.register(history.log)
    #expect(register.origins == History.definition(history.log))
    #expect(register.siblings.count == register.origins.count)
    let positions = register.siblings.map(\.position)
    #expect(positions == positions.sorted())
  }

  @Test func generatedHistoriesHaveConflictsAndOverwrites() {
    var conflicts = 0
    for seed in 0..<100 {
      var random = SplitMix64(seed: UInt64(seed))
      let history = History(replicaCount: 4, eventCount: 80, random: &random)
      let register = History.register(history.log)
      if register.isConflict && register.siblings.count < history.log.count { conflicts += 1 }
    }
    #expect(conflicts > 30)
  }
}
