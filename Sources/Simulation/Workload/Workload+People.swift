import Merge
import Replica

extension Action {
  static let people: [Action] = [
    Action("verify", weight: 1, for: anybody) { try $0.verify($1) },
    Action("renameDevice", weight: 1, for: anybody) { try $0.renameDevice($1) },
  ]
}

/// Keys that people compare, and names of devices.
extension Workload {
  /// Two people hold their screens side by side. What one of them sees may be out of date: then the
  /// other one is told that the keys differ.
  mutating func verify(_ party: Party) throws -> String {
    let known = try party.replica.verifiedKeys().keys.sorted()
    if !known.isEmpty, generator.oneIn(4) {
      try party.replica.forgetVerification(of: generator.pick(known))
      return "forgotten"
    }
    let others = world.parties.keys.sorted().map { world[$0] }
      .filter { $0.account != party.account }
    let other = generator.pick(others)
    guard try !other.replica.wasRevoked() else { return "\(other.name) was taken out" }
    try party.replica.verify(try other.replica.ownFingerprint())
    return other.name
  }

  /// Any of the account's, also one that was taken out.
  mutating func renameDevice(_ party: Party) throws -> String {
    let devices = try party.replica.devices().map(\.id)
    guard !devices.isEmpty else { return "" }
    try party.replica.renameDevice(generator.pick(devices), to: text())
    return "a device"
  }
}

extension Run {
  /// For healing: whoever was told that a key has been replaced compares it once more.
  func compareAgain(_ party: Party) throws {
    guard try !party.replica.wasRevoked() else { return }
    for account in try party.replica.verifiedKeys().keys.sorted()
    where try party.replica.verification(of: account) == .keyChanged {
      let others = try parties.filter { try $0.account == account && !$0.replica.wasRevoked() }
      guard let other = others.first else { continue }
      let done = try attempt {
        try party.replica.verify(try other.replica.ownFingerprint())
        return "compared"
      }
      trace.note("healing \(party.name) and \(other.name): \(done)")
    }
  }
}
