/// Why an entry was refused: a code from a closed list, and open words that say what it is about.
///
/// Never holds a sealed value or anything derived from one.
public struct Refusal: Hashable, Sendable, Error {
  /// The closed list; raw values are on the wire and never change their meaning.
  public enum Code: UInt64, CaseIterable, Sendable {
    case notMember = 1
    case deviceUnknown = 2
    case deviceBarred = 3
    /// The author's clock is more than five minutes ahead of log time.
    case clockAhead = 4
    /// The context lies beyond the log's head.
    case contextAhead = 5
    case incarnationUnknown = 6
    case recordExists = 7
    case recordUnknown = 8
    /// The record was deleted.
    case gone = 9
    /// The author's role may not do this.
    case notAllowed = 10
    case permissionMissing = 11
    case consentInactive = 12
    /// The engagement has ended.
    case ended = 13
    /// The siblings that the decision names are not in the log, or leave out the one that stood.
    case shownUnknown = 14
    case transitionNotAllowed = 15
    case alreadyWritten = 16
    case valueInvalid = 17
    /// Sealed under an epoch that is unknown, or older than the last removal.
    case epochStale = 18
    case requiredMissing = 19
    /// Another epoch was made first.
    case epochSuperseded = 20
    /// The epoch's wraps are not for exactly the members.
    case recipientsWrong = 21
    case spaceExists = 22
    case typeElsewhere = 23
    /// Sealed where the schema says open, or the reverse.
    case sealedMismatch = 24
    case spaceNotOpened = 25
    /// The share does not rest on an approval of the client's, or names another's vault.
    case grantUnknown = 26
    case tooLarge = 27
    case malformed = 28
    /// The server could not take the commit yet, and one of the same journal that takes something
    /// away stood behind it.
    case heldUpRestriction = 29
    /// The share that the record belongs to is revoked, has ended, or does not allow it.
    case shareInactive = 30
  }

  public static let detailCountMax = 32
  /// Bytes of UTF-8 in one detail.
  public static let detailByteCountMax = 64

  public let code: Code
  /// Open words: a type, a field, the allowed states. No more and no longer than the limits.
  public let details: [String]

  /// Leaves out what is beyond the limits: the key of a set's element may be longer.
  public init(_ code: Code, _ details: [String] = []) {
    self.code = code
    self.details = details.prefix(Self.detailCountMax).map(Self.cut)
  }

  private static func cut(_ detail: String) -> String {
    if detail.utf8.count <= detailByteCountMax { return detail }
    var byteCount = 0
    let fitting = detail.unicodeScalars.prefix { scalar in
      byteCount += UTF8.width(scalar)
      return byteCount <= detailByteCountMax
    }
    return String(fitting)
  }
}

extension Refusal {
  /// One sentence for people.
  public var explanation: String {
    let words = details.joined(separator: ", ")
    let about = details.isEmpty ? "" : " (\(words))"
    switch code {
    case .notMember: return "the author is not a member of this space"
    case .deviceUnknown: return "the device is not certified for its account"
    case .deviceBarred: return "the device was removed from its account"
    case .clockAhead: return "the device's clock is ahead of the server's\(about)"
    case .contextAhead: return "the change says it has seen more than there is"
    case .incarnationUnknown: return "the change was made against another history of this space"
    case .recordExists: return "a record with this id exists already\(about)"
    case .recordUnknown: return "the record was never accepted\(about)"
    case .gone: return "the record was deleted\(about)"
    case .notAllowed: return "the author's role may not do this\(about)"
    case .permissionMissing: return "the consent does not allow this\(about)"
    case .consentInactive: return "the consent is not active\(about)"
    case .ended: return "the engagement has ended"
    case .shownUnknown: return "the decision does not rest on what its author had seen\(about)"
    case .transitionNotAllowed:
      let next = details.isEmpty ? "nothing" : words
      return "this change of state is not allowed; allowed from there: \(next)"
    case .alreadyWritten: return "the field can be written once only\(about)"
    case .valueInvalid: return "the value does not fit the field\(about)"
    case .epochStale: return "sealed under a key that is no longer in use"
    case .requiredMissing: return "a required field is missing\(about)"
    case .epochSuperseded: return "another device made a new key first"
    case .recipientsWrong: return "the new key is not wrapped for exactly the members"
    case .spaceExists: return "the space exists already"
    case .typeElsewhere: return "records of this type live in another kind of space\(about)"
    case .sealedMismatch: return "sealed where the schema says open, or the reverse\(about)"
    case .spaceNotOpened: return "the space has not been opened"
    case .grantUnknown: return "the share does not rest on an approval by the client"
    case .tooLarge: return "the change is too large\(about)"
    case .malformed: return "the change cannot be read\(about)"
    case .heldUpRestriction:
      return "the change had to wait, and one that takes something away stood behind it\(about)"
    case .shareInactive: return "the share is revoked, has ended, or does not allow this\(about)"
    }
  }
}
