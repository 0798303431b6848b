import Simulation
import Testing

@testable import Replica

/// Table, state and position of a declared type come together or not at all: processes end at every
/// transaction boundary, one run after the other, each with a next version.
@Suite struct DeclaredTypeCrashTests {
  private let world: World
  private let name: String

  init() throws {
    world = try World(opening: ["admin", "client", "practitioner"])
    name = DeclaredTypeTests.name(world)
  }

  /// Each version has one field more.
  private func declare(_ number: Int) throws {
    let fields = (0...number).map { #""f\#($0)": { "kind": "text", "rule": "latest" },"# }
    _ = try world.admin.replica.declareType(
      DeclaredTypeTests.file(world, more: fields.joined()), world.admin.network)
  }

  private func use(_ number: Int) throws {
    let client = world.client.replica
    let made = try client.newRecord(
      of: client.declaredType(named: name),
      [.init("reason", "\(number)"), .init("f\(number)", "text")], in: world.facts.casework)
    try world.settle()
    #expect(
      try world.practitioner.shownText(name, made.record, "reason", in: made.space) == "\(number)")
    try world.expectConverged()
  }

  @Test func ofADevice() throws {
    var number = 0
    var isReached = true
    while isReached {
      try declare(number)
      isReached = try world.client.crash(at: number) { try world.client.sync() }
      try world.settle()
      try use(number)
      number += 1
    }
    #expect(number > 4)
  }

  @Test func ofTheServer() throws {
    var number = 0
    var isReached = true
    while isReached {
      isReached = try world.crashServer(at: number) {
        do { try declare(number) } catch ReplicaError.notReachable {}
      }
      // Whether it got there or not: the same again is a next version too.
      try declare(number)
      try world.settle()
      try use(number)
      number += 1
    }
    #expect(number > 2)
  }
}
