import CBOR
import Merge
import TestSupport
import Testing

/// A replica's own unsent writes over what the log says: the same as if the log had them already.
struct PendingTests {
  private static func history(_ seed: UInt64) -> History {
    var random = SplitMix64(seed: seed)
    return History(replicaCount: 3, eventCount: 60, random: &random)
  }

  @Test(arguments: 0..<100) func overlayEqualsTheDefinitionWithOwnWritesLast(seed: UInt64) {
    let history = Self.history(seed)
    for replica in history.replicas {
      let known = history.log.filter { $0.position! <= replica.known }
      let writes = known + replica.outbox
      #expect(History.register(writes).origins == History.definition(writes))
    }
  }

  @Test(arguments: 0..<100) func overlayOnTheHeadEqualsTheReplayOnceAccepted(seed: UInt64) {
    let history = Self.history(seed)
    for replica in history.replicas {
      let overlay = History.register(history.log + replica.outbox)
      var accepted = history.log
      for (index, write) in replica.outbox.enumerated() {
        var write = write
        write.position = Position(history.head.rawValue + UInt64(index) + 1)
        accepted.append(write)
      }
      let replay = History.register(accepted)
      #expect(overlay.siblings.map(\.authorship) == replay.siblings.map(\.authorship))
      #expect(overlay.siblings.map(\.value) == replay.siblings.map(\.value))
    }
  }

  /// Entries of others come in between; the overlay is made anew over them.
  @Test(arguments: 0..<100) func pulledEntriesGoUnderOwnWrites(seed: UInt64) {
    let history = Self.history(seed)
    for replica in history.replicas {
      for count in 0...history.log.count {
        let prefix = history.log.prefix(count)
        let own = history.log.dropFirst(count).filter { $0.origin.replica == replica.id }
        let unsent = (own + replica.outbox).map { write in
          var write = write
          write.position = nil
          return write
        }
        // Only what the replica could have pulled when it had written all of these.
        guard prefix.allSatisfy({ $0.position! <= replica.known }) else { continue }
        let writes = prefix + unsent
        #expect(History.register(Array(writes)).origins == History.definition(Array(writes)))
      }
    }
  }

  @Test func ownUnsentWritesReplaceEachOther() {
    var register = Register()
    register.apply(.by(2, 1, at: 4, "theirs"), seen: .zero)
    for sequence in 1...3 as ClosedRange<UInt64> {
      let authorship = Authorship(origin: .of(1, sequence), time: .zero)
      register.apply(
        Sibling(
          position: .pending(sequence: sequence), authorship: authorship,
          value: .unsigned(sequence)),
        seen: .zero)
    }
    #expect(register.siblings.map(\.value) == ["theirs", .unsigned(3)])
  }
}
