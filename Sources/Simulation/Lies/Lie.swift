/// What a dishonest server can say.
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
  /// Left out in the name of compaction, though nothing has overwritten it.
  case uncoveredStub = "uncovered-stub"
  /// Left out of a record whose history is kept.
  case keptStub = "kept-stub"
  // About what the reader has sent.
  case refusedWithoutReason = "refused-without-reason"
  /// The answer says a no that the log does not have.
  case otherVerdict = "other-verdict"
  // About what there is.
  case frozen = "frozen"
  case rolledBack = "rolled-back"
  case notAllowed = "not-allowed"
  case unreadable = "unreadable"
  // About chains.
  case shorterChain = "shorter-chain"
  case otherChain = "other-chain"
  case forgedStatement = "forged-statement"
  /// An account's chain without what was added to it, while the space's log names that.
  case staleAccountChain = "stale-account-chain"
  /// The same, and the log does not name it either.
  case hiddenRevocation = "hidden-revocation"
  case hiddenRemoval = "hidden-removal"
  /// An account's chain goes on with a device that the server has made.
  case ghostDevice = "ghost-device"
  /// Of an account that the reader has not met yet, the server's own is shown.
  case substitutedAccount = "substituted-account"
  // About objects.
  case swappedWraps = "swapped-wraps"
  /// Each is a good one: of another place.
  case exchangedWraps = "exchanged-wraps"
  case swappedBlobs = "swapped-blobs"
  case exchangedBlobs = "exchanged-blobs"
  case cutBlobs = "cut-blobs"
  case lengthenedBlobs = "lengthened-blobs"
  case reorderedChunks = "reordered-chunks"
  case repeatedChunk = "repeated-chunk"
  // About everything.
  case saidRevoked = "said-revoked"
  case crossedAnswers = "crossed-answers"

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
    case .uncoveredStub: "a stub of what nothing has overwritten"
    case .keptStub: "a stub in a history that is kept"
    case .refusedWithoutReason: "a change of the reader's own as a refused one, without reason"
    case .otherVerdict: "a no to what the log has"
    case .frozen: "that nothing is new"
    case .rolledBack: "that there is less than was shown"
    case .notAllowed: "“you left”"
    case .unreadable: "bytes without a sense"
    case .shorterChain: "a chain without its last statement"
    case .otherChain: "a chain with another past"
    case .forgedStatement: "a statement in an administrator's name"
    case .staleAccountChain: "an account's chain as it was before"
    case .hiddenRevocation: "nothing of a device that was taken out"
    case .hiddenRemoval: "nothing of a member who was taken out"
    case .ghostDevice: "a device that the server has added to an account"
    case .substitutedAccount: "an account of the server's own in the place of another one"
    case .swappedWraps: "other keys than were asked for"
    case .exchangedWraps: "the keys of other places than were asked for"
    case .swappedBlobs: "other files than were asked for"
    case .exchangedBlobs: "the bytes of another file"
    case .cutBlobs: "files that end early"
    case .lengthenedBlobs: "files that go on after their end"
    case .reorderedChunks: "the pieces of a file in another order"
    case .repeatedChunk: "a piece of a file twice"
    case .saidRevoked: "“your device was taken out”"
    case .crossedAnswers: "the answer to another question"
    }
  }

  /// Whether the reader's log has other hashes from then on, and goes on with them.
  var makesAnotherLog: Bool {
    switch self {
    case .refusedWithoutReason, .hiddenRevocation, .hiddenRemoval: true
    default: false
    }
  }
}
