import CBOR
import Database
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import SpaceStore

/// A refused commit is undone: the replica equals one that never had it, whatever was written before and
/// after it, here and elsewhere.
@Suite struct UndoneWriteTests {
  /// What a home shows of one record, without what differs by nature: the ciphertext of two sealings,
  /// and the places of unsent commits, which are one further where there was one more.
  private struct Shown: Hashable {
    struct Value: Hashable {
      let value: OpenedValue
      let author: AccountID?
      let isPending: Bool
      let isWinner: Bool
    }

    let type: String
    let record: RecordID
    let isGone: Bool
    let isPending: Bool
    let deletionCount: Int
    let values: [String: [Value]]
    let accepted: RecordState
  }

  private static func keys(_ replica: Replica, _ space: SpaceID) throws -> [RowKey] {
    let number = try replica.store.number(of: space)
    var keys: Set<RowKey> = []
    for type in replica.store.schema.types {
      let records = try replica.database.rows(
        "SELECT record FROM \"\(type.name)\" WHERE space = ?", .integer(number)
      ) { RecordID($0.blob(0)) }
      for case let record? in records {
        keys.insert(RowKey(space: number, type: type.name, record: record))
      }
    }
    let hidden = try replica.database.rows(
      "SELECT type, record FROM _hidden WHERE space = ?", .integer(number)
    ) { ($0.text(0), RecordID($0.blob(1))) }
    for case (let type, let record?) in hidden {
      keys.insert(RowKey(space: number, type: type, record: record))
    }
    return keys.sorted()
  }

  private static func shown(_ replica: Replica, _ key: RowKey, in space: SpaceID) throws -> Shown {
    let place = try #require(replica.place(key, in: space))
    let state = try replica.store.tables.shownState(key)
    var values: [String: [Shown.Value]] = [:]
    for (name, register) in state.registers {
      let field = try #require(place.type.field(FieldWrite(key: name, value: .null).field))
      let winner = field.winner(of: register, in: place.type)
      values[name] = try register.siblings.map { sibling in
        let device = sibling.authorship.origin.replica.device
        return Shown.Value(
          value: try replica.opened(sibling, of: name, at: place),
          author: try replica.chains.device(device)?.account,
          isPending: sibling.position.pendingSequence != nil, isWinner: sibling == winner)
      }
    }
    return Shown(
      type: key.type, record: key.record, isGone: state.isGone(place.type.concurrentDelete),
      isPending: state.created?.pendingSequence != nil, deletionCount: state.deletions.count,
      values: values, accepted: try replica.store.tables.acceptedState(key))
  }

  private static func shown(_ replica: Replica, _ spaces: [SpaceID]) throws -> [Shown] {
    try spaces.flatMap { space in
      try keys(replica, space).map { try shown(replica, $0, in: space) }
    }
  }

  /// What people ask a home; times and ids aside.
  private static func answers(_ replica: Replica) throws -> [String] {
    let queries = [
      "SELECT record, unseal(title), severity, labels, number FROM ticket ORDER BY 1",
      "SELECT record, unseal(text) FROM comment ORDER BY 1",
      "SELECT record, unseal(name) FROM folder ORDER BY 1",
      "SELECT type, record, key, unseal(value) FROM _sibling ORDER BY 1, 2, 3, position",
    ]
    let conflicts = try replica.conflicts().map { conflict in
      "\(conflict.key) \(conflict.values.map(\.value)) \(conflict.values.map(\.isShown))"
    }
    return try queries.map { "\(try replica.query($0).rows)" } + conflicts
  }

  /// A world with a past, and a client in the middle of work that is not sent.
  private func world(_ seed: UInt64, _ editor: inout Editor) throws -> World {
    let world = try World(seed: seed, opening: ["client", "tablet", "practitioner"])
    for _ in 0..<2 {
      for name in ["client", "tablet", "practitioner"] {
        try editor.edit(world[name], in: world, times: 5)
      }
      try world.settle()
    }
    try editor.edit(world.client, in: world, times: Int(seed % 4))
    // Concurrent with what is not sent.
    for name in ["tablet", "practitioner"] {
      try editor.edit(world[name], in: world, times: 5)
      try world[name].sync()
    }
    return world
  }

  /// The same home a second time, without a line to the server of its own.
  private func twin(of party: Party, in world: World, seed: UInt64) throws -> Party {
    party.close()
    try world.folder.copy(party.homePath, as: "twin")
    let twin = Party("twin", homePath: "\(world.folder.path)/twin", clock: world.clock, seed: seed)
    twin.passwordKey = party.passwordKey
    try party.open()
    try twin.open()
    twin.network.server = world.server
    return twin
  }

  /// A locked home pulls and sends nothing.
  private func pull(_ party: Party) throws {
    party.replica.lock()
    try party.sync()
    try party.unlock()
  }

  /// What the twin writes the client writes too, unless the refused commit is in its way.
  private func writeBoth(
    _ editor: inout Editor, _ client: Party, _ twin: Party, in world: World
  ) throws -> Bool {
    guard let (change, space) = try editor.change(of: twin, in: world) else { return false }
    do {
      try client.replica.write(Draft([change]), in: space)
    } catch ReplicaError.refused {
      return false
    }
    try twin.replica.write(Draft([change]), in: space)
    return true
  }

  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func theReplicaIsOneThatNeverHadIt(seed: UInt64) throws {
    var editor = Editor(seed: seed)
    let world = try world(seed, &editor)
    let client = world.client
    let twin = try twin(of: client, in: world, seed: seed + 500)
    let spaces = [world.facts.casework, client.replica.vault]
    var refused: [(space: SpaceID, origin: Origin)] = []
    var bothCount = 0
    for round in 0..<3 {
      for _ in 0..<2 {
        guard let (change, space) = try editor.change(of: client, in: world) else { continue }
        refused.append((space, try client.replica.write(Draft([change]), in: space)))
      }
      for _ in 0..<3 where try writeBoth(&editor, client, twin, in: world) { bothCount += 1 }
      if round == Int(seed % 3) {
        try pull(client)
        try pull(twin)
      }
    }
    #expect(refused.count >= 3)
    #expect(bothCount >= 2)
    #expect(try Self.shown(client.replica, spaces) != Self.shown(twin.replica, spaces))
    if seed.isMultiple(of: 2) { refused.reverse() }
    try client.replica.transaction {
      for (space, origin) in refused {
        try client.replica.reject(
          space: client.replica.store.number(of: space), sequence: origin.sequence,
          Refusal(.notAllowed))
      }
    }
    #expect(try Self.shown(client.replica, spaces) == Self.shown(twin.replica, spaces))
    #expect(try Self.answers(client.replica) == Self.answers(twin.replica))
    #expect(try client.replica.rejectedWrites().count == refused.count)
  }
}
