import Merge
import SyncProtocol

/// What one sync came to, for a person to read.
public struct SyncReport: Hashable, Sendable {
  public struct Refused: Hashable, Sendable {
    public let space: SpaceID
    public let refusal: Refusal
  }

  /// Commits that the server accepted.
  public var acceptedCount = 0
  /// Commits that were refused; they are under `rejected`.
  public var refused: [Refused] = []
  /// Why commits have to wait, without repeats.
  public var deferred: Set<Deferral> = []
  /// Log entries that came in.
  public var pulledCount = 0
  /// Spaces that this device left, with the reason.
  public var left: [SpaceID: LeavingReason] = [:]
  /// What could not be done, in words; the rest went on.
  public var problems: [String] = []
  /// Whether a problem is one that only a dishonest server or peer explains; the evidence is kept.
  public var sawDishonesty = false
  /// What a person should know before they go on; it stops nothing of the sync.
  public var warnings: [String] = []
  /// Things that happened which a person may want to know.
  public var news: [String] = []
  /// Log entries that a restored server had lost and this device handed back.
  public var handedBackCount = 0
  /// Log entries that this device has and a restored server could not take back yet.
  public var lostCount = 0
  /// Whether the home was locked: then it only pulls and purges.
  public var wasLocked = false
  /// Whether the account has taken this device out: everything it held is gone.
  public var wasRevoked = false

  /// Spaces whose log could not be pulled to its end.
  var unpulled: Set<SpaceID> = []

  public init() {}

  /// Keeps trouble with one part of the sync, so that the rest goes on.
  ///
  /// - Throws: the error itself where nothing can go on: the server is out of reach.
  mutating func keep(_ error: ReplicaError, while doing: String) throws(ReplicaError) {
    switch error {
    // Everything else would be refused for the same reason.
    case .notReachable, .server(.deviceRevoked): throw error
    case .dishonest, .otherServer: sawDishonesty = true
    default: break
    }
    // What is tried several times in one sync is told once.
    let problem = "\(doing): \(error.explanation)"
    if !problems.contains(problem) { problems.append(problem) }
  }
}

/// Why a device left a space.
public enum LeavingReason: String, Hashable, Sendable {
  case consentEnded = "consent ended"
  case removed
  case deviceRevoked = "device taken out"
}
