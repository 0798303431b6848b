import CBOR
import Merge
import TestSupport

/// Several replicas that write one register, and the log that their writes reach.
///
/// Each replica knows the log up to a position and its own writes; it pulls, writes and pushes when
/// the generator says so.
struct History {
  /// One write as its author made it; `position` once the log has it.
  struct Write {
    let origin: Origin
    let seen: Position
    let time: HybridTime
    let value: CBORValue
    var position: Position?

    /// At its pending place while the log does not have it.
    func sibling() -> Sibling {
      Sibling(
        position: position ?? .pending(sequence: origin.sequence),
        authorship: Authorship(origin: origin, time: time), value: value)
    }
  }

  /// One home and what it has not sent.
  struct Replica {
    let id: ReplicaID
    var known = Position.zero
    var sequence: UInt64 = 0
    var outbox: [Write] = []
  }

  private(set) var log: [Write] = []
  private(set) var head = Position.zero
  private(set) var replicas: [Replica]

  init(replicaCount: Int, eventCount: Int, random: inout SplitMix64) {
    replicas = (1...replicaCount).map { Replica(id: .home(of: $0)) }
    for _ in 0..<eventCount {
      let index = Int.random(in: replicas.indices, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: pull(index, &random)
      case 1: push(index, &random)
      default: write(index, &random)
      }
    }
  }

  private mutating func pull(_ index: Int, _ random: inout SplitMix64) {
    let known = replicas[index].known.rawValue
    replicas[index].known = Position(
      UInt64.random(in: known...head.rawValue, using: &random))
  }

  private mutating func write(_ index: Int, _ random: inout SplitMix64) {
    replicas[index].sequence += 1
    let replica = replicas[index]
    replicas[index].outbox.append(
      Write(
        origin: Origin(replica: replica.id, sequence: replica.sequence), seen: replica.known,
        time: HybridTime(milliseconds: random.next() >> 40, counter: 0),
        value: .unsigned(random.next() >> 60)))
  }

  /// A journal goes out in order, as far as it gets.
  private mutating func push(_ index: Int, _ random: inout SplitMix64) {
    for _ in 0..<Int.random(in: 0...3, using: &random) where !replicas[index].outbox.isEmpty {
      var write = replicas[index].outbox.removeFirst()
      // Entries of other registers and records stand between.
      head = Position(head.rawValue + UInt64.random(in: 1...3, using: &random))
      write.position = head
      log.append(write)
    }
  }
}

extension History {
  /// The siblings as docs and design define them, from all writes ever made, in log order: those
  /// that no later write had seen, and that no later write of the same replica follows.
  static func definition(_ writes: [Write]) -> Set<Origin> {
    var result: Set<Origin> = []
    for (index, write) in writes.enumerated() {
      let isOverwritten = writes[(index + 1)...].contains { later in
        let wasSeen = write.position.map { $0 <= later.seen } ?? false
        let isOwn =
          write.origin.replica == later.origin.replica
          && write.origin.sequence < later.origin.sequence
        return wasSeen || isOwn
      }
      if !isOverwritten { result.insert(write.origin) }
    }
    return result
  }

  static func register(_ writes: [Write]) -> Register {
    var register = Register()
    for write in writes { register.apply(write.sibling(), seen: write.seen) }
    return register
  }
}

extension Register {
  var origins: Set<Origin> { Set(siblings.map(\.authorship.origin)) }
}
