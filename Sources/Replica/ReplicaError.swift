import Merge
import SyncProtocol

/// What can go wrong on a device, in words that commands turn into `error:` and `hint:`.
public enum ReplicaError: Error, Hashable, Sendable {
  /// There is no home at the path.
  case noHome(String)
  /// There is a home at the path already.
  case homeExists(String)
  /// Another process uses the home.
  case homeInUse(String)
  case homeFromNewerVersion
  /// What was to be written rests on something that a newer version wrote; nothing was written.
  case schemaOlder
  /// A file or table of the home cannot be read back.
  case homeDamaged(String)
  case wrongPassword
  /// The account has taken this device out; everything on it is gone.
  case deviceRevoked
  /// The command needs keys, and the home is locked.
  case locked
  /// Somebody has logged out here.
  case loggedOut
  /// The person's key is not the one that was compared; nothing is wrapped for it.
  case keyChanged(String)
  /// The server cannot be reached; what was written is kept and will be sent.
  case notReachable(String)
  /// The server answered with an error.
  case server(ErrorCode)
  /// The server's answer cannot be what it says it is. The evidence is kept.
  case dishonest(String)
  /// The server has another key than the invitation said.
  case otherServer
  /// The server's clock stands still or went backwards: nothing is granted meanwhile.
  case serverClock(String)
  case invitationMalformed
  case invitationExpired
  /// Nobody will let this device in with the token that it has.
  case enrolmentEnded(String)
  /// What was to be written would be refused; nothing was written.
  case refused(Refusal)
  /// Nothing, or more than one thing, goes by that name.
  case notFound(String)
  case ambiguous(String, [String])
  /// The space is not open yet, or its key has not arrived: sync first.
  case notReady(String)
  /// A sealed value cannot be opened.
  case cannotOpen(String)
  case fileChanged(String)
  case fileAltered(String)
  case fileNotHere(String)
  /// A recovery kit lets nobody in.
  case kitRefused(KitProblem)
  /// Two histories of somebody's account were shown; nothing new is sealed to it.
  case accountForked(String)
  case diskFull
  case badInput(String)
}
