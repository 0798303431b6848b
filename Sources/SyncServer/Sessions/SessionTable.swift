import Merge
import Signing
import SyncProtocol

/// Open challenges and sessions, in memory only, each with its time and all within a number.
struct SessionTable {
  private struct OpenChallenge {
    let account: AccountID
    let device: DeviceID
    let expiresMilliseconds: UInt64
  }

  private let options: SyncServer.Options
  private var challenges = ExpiringTable<[UInt8], OpenChallenge>()
  private var sessions = ExpiringTable<String, Session>()
  /// Each device's tokens, oldest first; ended ones are forgotten with the next one.
  private var tokens: [DeviceID: [String]] = [:]

  init(options: SyncServer.Options) { self.options = options }

  mutating func challenge(
    _ request: ChallengeRequest, now: UInt64, random: any RandomSource
  ) -> [UInt8] {
    let nonce = random.bytes(32)
    let expires = now + options.challengeMilliseconds
    let open = OpenChallenge(
      account: request.account, device: request.device, expiresMilliseconds: expires)
    challenges.insert(
      open, nonce, expires: expires, now: now, countMax: options.challengeCountMax)
    return nonce
  }

  /// Whether the nonce was given to this device and is still good. It is good once.
  mutating func takeChallenge(
    _ nonce: [UInt8], account: AccountID, device: DeviceID, now: UInt64
  ) -> Bool {
    guard let open = challenges.remove(nonce) else { return false }
    return open.account == account && open.device == device && now < open.expiresMilliseconds
  }

  mutating func open(
    account: AccountID, device: DeviceID, scope: SessionScope, now: UInt64,
    random: any RandomSource
  ) -> (token: String, session: Session) {
    let token = Hex.encode(random.bytes(32))
    let session = Session(
      account: account, device: device, scope: scope,
      expiresMilliseconds: now + options.sessionMilliseconds)
    makeRoom(for: device, now: now)
    sessions.insert(
      session, token, expires: session.expiresMilliseconds, now: now,
      countMax: options.sessionCountMax)
    tokens[device, default: []].append(token)
    return (token, session)
  }

  /// No device can fill the table and so end everybody else's sessions.
  private mutating func makeRoom(for device: DeviceID, now: UInt64) {
    var own = (tokens[device] ?? []).filter { session($0, now: now) != nil }
    while own.count >= max(options.deviceSessionCountMax, 1) {
      _ = sessions.remove(own.removeFirst())
    }
    tokens[device] = own
  }

  mutating func end(of device: DeviceID) {
    for token in tokens.removeValue(forKey: device) ?? [] { _ = sessions.remove(token) }
  }

  /// `nil` for a token that is unknown or has expired.
  func session(_ token: String, now: UInt64) -> Session? {
    guard let session = sessions[token], now < session.expiresMilliseconds else { return nil }
    return session
  }
}

/// A bounded dictionary whose oldest entries make room.
///
/// All entries live equally long, so the order of arrival is the order of expiry.
struct ExpiringTable<Key: Hashable, Value> {
  private var values: [Key: Value] = [:]
  private var order: [(key: Key, expires: UInt64)] = []
  private var first = 0

  subscript(key: Key) -> Value? { values[key] }

  mutating func remove(_ key: Key) -> Value? { values.removeValue(forKey: key) }

  mutating func insert(
    _ value: Value, _ key: Key, expires: UInt64, now: UInt64, countMax: Int
  ) {
    while first < order.count, order[first].expires <= now || order.count - first >= countMax {
      values[order[first].key] = nil
      first += 1
    }
    if first > 1024, first * 2 > order.count {
      order.removeFirst(first)
      first = 0
    }
    values[key] = value
    order.append((key, expires))
  }
}
