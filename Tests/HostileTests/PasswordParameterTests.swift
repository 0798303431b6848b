import CommandSupport
import Database
import Foundation
import Sealing
import Simulation
import Testing

@testable import Replica

/// Whoever had the device for a moment has written other costs for the password into its home.
@Suite struct PasswordParameterTests {
  private let practice: Practice

  init() throws { practice = try Practice() }

  struct Change: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let passes: UInt32
    let memoryByteCount: UInt64
    var suite: UInt8 = 1
  }

  @Test(arguments: [
    Change(testDescription: "fewer passes", passes: 1, memoryByteCount: 64 << 20),
    Change(testDescription: "less memory", passes: 3, memoryByteCount: 8 << 10),
    Change(testDescription: "more memory than there is", passes: 3, memoryByteCount: 1 << 50),
    Change(testDescription: "2 GiB", passes: 3, memoryByteCount: 2 << 30),
    Change(testDescription: "passes for days", passes: .max, memoryByteCount: 64 << 20),
    Change(testDescription: "unknown suite", passes: 3, memoryByteCount: 64 << 20, suite: 2),
  ])
  func theCostIsRefused(_ change: Change) throws {
    let tablet = practice.world.tablet
    let person = try practice.atTheProgram(tablet)
    let database = tablet.held.store.database
    let stored = try #require(
      try database.first("SELECT value FROM setting WHERE name = 'password_parameters'") {
        $0.blob(0)
      })
    var bytes = [change.suite]
    withUnsafeBytes(of: change.passes.bigEndian) { bytes += $0 }
    withUnsafeBytes(of: change.memoryByteCount.bigEndian) { bytes += $0 }
    bytes += stored.suffix(16)
    try #require(bytes.count == stored.count)
    try database.run(
      "UPDATE setting SET value = ? WHERE name = 'password_parameters'", .blob(bytes))
    // Addresses enough for the program, and not for what is asked for.
    let outcome = try person.shell("ulimit -v 1900000; satchel people")
    #expect(outcome.exit == 1, "\(outcome.transcript)")
    #expect(outcome.out.isEmpty)
    #expect(
      outcome.err.contains("error: the home is damaged (password parameters)"),
      "\(outcome.transcript)")
    #expect(outcome.err.contains("hint: keep a copy of the folder"))
    try database.run(
      "UPDATE setting SET value = ? WHERE name = 'password_parameters'", .blob(stored))
    try person.does("people")
  }
}
