import CommandSupport
import Foundation
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica
@testable import satchel

// Of several types with these names, the ones of people who type.
typealias Person = CommandSupport.Person
typealias Outcome = CommandSupport.Outcome

/// A founded practice whose server and people may misbehave. Who is played by the real program talks to
/// the server over HTTP; the others are in this process. Removed with the value: a suite keeps it in a
/// property, so that it lives as long as the test.
final class Practice {
  let world: World
  let liar: LyingServer
  let stage: Stage
  private let turn = Line.Turn()
  private var lines: [String: Line] = [:]

  /// - Parameter seed: of what its devices draw from here on.
  init(seed: UInt64 = 1) throws {
    world = try World(seed: seed)
    liar = try LyingServer(world)
    stage = try Stage()
    try world.settle()
  }

  deinit {
    for line in lines.values { line.close() }
    do {
      try stage.close()
    } catch {
      print("notice: a stage was not removed: \(error)")
    }
  }

  var casework: SpaceID { world.facts.casework }
  var engagement: SpaceID { world.facts.engagement }

  /// From here on the home is used by the program, until ``back(_:)``.
  func atTheProgram(_ party: Party) throws -> Person {
    try party.replica.setServerURL(line(of: party).url)
    try party.watch()
    return try person(party)
  }

  /// Somebody whose home the program makes.
  func newcomer(_ name: String) throws -> (party: Party, person: Person) {
    let party = world.makeParty(name)
    return (party, try person(party))
  }

  private func person(_ party: Party) throws -> Person {
    let clock = world.clock
    let person = try Person(
      party.name, home: party.homePath, password: Party.password, on: stage,
      with: {
        let shift = Int64(clock.now) - Int64(Date().timeIntervalSince1970 * 1000)
        return ["SATCHEL_CLOCK_SHIFT_MS": String(shift)]
      })
    stage.take(person)
    return person
  }

  func line(of party: Party) throws -> Line {
    if let line = lines[party.name] { return line }
    let line = try Line(party, turn)
    lines[party.name] = line
    return line
  }

  /// The home is back in this process, and its line is honest again.
  func back(_ party: Party) throws {
    party.network.reset()
    try party.open()
  }

  /// Everything below a folder, with its path.
  func folders(below folder: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder).map { "\(folder)/\($0)" }
  }

  /// A peer's own way to the server, for software that is not ours.
  func transport(_ party: Party) throws -> HTTPTransport {
    try HTTPTransport(url: line(of: party).url, authorityFile: nil)
  }
}

extension Person {
  /// What `audit evidence ls` lists. Needs no password.
  func evidence(_ location: SourceLocation = #_sourceLocation) throws -> String {
    try does("audit", "evidence", "ls", with: ["SATCHEL_PASSWORD_FILE": ""], location)
  }

  /// A sync that finds the server out: says what it saw, and what to do.
  @discardableResult
  func syncsAndAccuses(
    _ message: String, _ location: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let outcome = try run("sync", expecting: 5, location)
    let said = outcome.err
    #expect(said.contains(message), "\(outcome.transcript)", sourceLocation: location)
    #expect(
      said.contains("error: the server showed what cannot be true; nothing of it was taken in"),
      "\(outcome.transcript)", sourceLocation: location)
    #expect(
      said.contains("hint: the evidence is kept; tell the people you work with"),
      sourceLocation: location)
    return outcome
  }
}
