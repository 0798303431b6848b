import Database
import Merge
import Simulation
import SyncProtocol
import Testing

@testable import Replica

extension Party {
  func rejectedRefusals() throws -> [Refusal] {
    try replica.database.rows("SELECT refusal FROM rejected ORDER BY number") {
      try Refusal(decoding: $0.blob(0))
    }
  }

  func evidenceKinds() throws -> [String] {
    try replica.database.rows("SELECT kind FROM evidence ORDER BY number") { $0.text(0) }
  }
}

extension World {
  /// Nothing is lost and nothing doubled.
  func expectAccounted(
    _ written: [Written], _ location: SourceLocation = #_sourceLocation
  ) throws {
    let lost = try unaccounted(written).map { "\($0.0): \($0.count)" }
    #expect(lost == [], sourceLocation: location)
  }

  /// Equal positions, equal state: on every device what the server has, and nothing left to send.
  func expectConverged(_ names: [String]? = nil, _ location: SourceLocation = #_sourceLocation)
    throws
  {
    for name in names ?? parties.keys.sorted() {
      let party = self[name]
      let spaces = try party.presentSpaces()
      let own = try Holdings(party.replica.store, spaces: spaces)
      let servers = try withServerStore { try Holdings($0, spaces: spaces) }
      #expect(own.states == servers.states, "states of \(name)", sourceLocation: location)
      #expect(own.rows == servers.rows, "rows of \(name)", sourceLocation: location)
      let unsent = try party.unsentCount()
      #expect(unsent == 0, "unsent of \(name)", sourceLocation: location)
      try expectShownAsAccepted(party, location)
    }
  }

  /// Without unsent commits no row has an image aside.
  private func expectShownAsAccepted(_ party: Party, _ location: SourceLocation) throws {
    let images = try party.replica.database.first("SELECT COUNT(*) FROM _accepted") {
      $0.integer(0)
    }
    #expect(images == 0, "images of \(party.name)", sourceLocation: location)
  }
}
