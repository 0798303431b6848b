import CBOR
import Merge
import SpaceStore
import SyncProtocol

/// A client's own link with a family caregiver (requirement E4): the invitation was the client's yes, its
/// acceptance the caregiver's. What is left is for a device of the client's to make.
extension Replica {
  /// Opens the assignment with somebody who has accepted this client's invitation, unless that is done, and
  /// writes the client's decision into it.
  func linkFamily(
    _ family: AccountID, terms: ConsentTerms, _ connection: Connection, _ report: inout SyncReport
  ) throws {
    let known = try store.spaceIDs().first { space in
      let state = try store.state(space)
      return state.kind == .assignment && state.role(of: family) == .family
    }
    let space = try known ?? openFamilySpace(with: family, connection)
    try pull(space, connection, &report)
    let isThere = try assignments().contains { $0.space == space }
    if isThere { return }
    let decision =
      [(key: CBORValue.text("decision"), value: CBORValue.text("approved"))] + terms.entries
    try write(
      Draft([
        Draft.Change(
          .create, Consent.type, TimeOrderedID.make(RecordID.self, environment),
          [
            Draft.Write("practitioner", .bytes(family.bytes)),
            Draft.Write("client", .bytes(identity.account.bytes)),
            Draft.Write(Consent.clientKey, .map(CBORMap(decision))),
          ])
      ]), in: space)
  }

  private func openFamilySpace(
    with family: AccountID, _ connection: Connection
  ) throws -> SpaceID {
    let space = TimeOrderedID.make(SpaceID.self, environment)
    let opening = SpaceOpening(
      kind: .assignment,
      members: [try spaceMember(identity.account, .client), try spaceMember(family, .family)])
    try expectAccepted(
      push([signOpening(opening, of: space)], wraps: [], in: space, connection))
    return space
  }
}

extension Assignment {
  /// Both sides have agreed, and no device of the client's has made the space and its key yet.
  public var waitsForClientDevice: Bool { state.status == .active && !isUsable }

  /// Where it stands, for people.
  public var statusText: String {
    waitsForClientDevice
      ? "\(state.status.rawValue), waiting for a client device" : state.status.rawValue
  }
}
