/// What a dishonest server can say.
///
/// A stub of what is not covered belongs to the lies about pages as soon as there are stubs.
package enum Lie: String, CaseIterable, Sendable {
  // About the entries of a log, under heads that are signed anew.
  case changedEntry = "changed-entry"
  case droppedEntry = "dropped-entry"
  case reorderedEntries = "reordered-entries"
  case repeatedEntry = "repeated-entry"
  case unsignedHead = "unsigned-head"
  case unsignedEntry = "unsigned-entry"
  case wronglySignedEntry = "wrongly-signed-entry"
  case inventedMember = "invented-member"
  case inventedDevice = "invented-device"
  case replayedGrant = "replayed-grant"
  case saidEnd = "said-end"
  case otherSpace = "other-space"
  /// Shown to one reader as refused, to all others as accepted.
  case refusedForOne = "refused-for-one"
  // About what there is.
  case frozen = "frozen"
  case rolledBack = "rolled-back"
  case notAllowed = "not-allowed"
  case unreadable = "unreadable"
  // About chains.
  case shorterChain = "shorter-chain"
  case otherChain = "other-chain"
  case forgedStatement = "forged-statement"
  // About objects.
  case swappedWraps = "swapped-wraps"
  case swappedBlobs = "swapped-blobs"

  package var explanation: String {
    switch self {
    case .changedEntry: "a change with other bytes than its author signed"
    case .droppedEntry: "a log without one of its changes"
    case .reorderedEntries: "a log in another order"
    case .repeatedEntry: "a change twice"
    case .unsignedHead: "a head that is not signed by the server"
    case .unsignedEntry: "a change in somebody's name, without a signature"
    case .wronglySignedEntry: "a change in somebody's name, signed by the server"
    case .inventedMember: "a member that no team has let in"
    case .inventedDevice: "a device that no account has certified"
    case .replayedGrant: "an old decision once more"
    case .saidEnd: "the end of a space, in a member's name"
    case .otherSpace: "the log of another space"
    case .refusedForOne: "an accepted change as a refused one"
    case .frozen: "that nothing is new"
    case .rolledBack: "that there is less than was shown"
    case .notAllowed: "“you left”"
    case .unreadable: "bytes without a sense"
    case .shorterChain: "a chain without its last statement"
    case .otherChain: "a chain with another past"
    case .forgedStatement: "a statement in an administrator's name"
    case .swappedWraps: "other keys than were asked for"
    case .swappedBlobs: "other files than were asked for"
    }
  }
}
