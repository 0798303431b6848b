import Merge
import SyncProtocol

/// What others did to the own account, told once: who takes an account over does it on its chain.
extension Replica {
  /// Tells what is new on the own chain that another device, or a recovery kit, has said.
  func tellAccountNews(_ report: inout SyncReport) throws {
    let chain = try ownChain()
    guard let told = try settings.number(.accountTold) else {
      return try settings.set(.accountTold, number: chain.head.index)
    }
    guard told < chain.head.index else { return }
    let own = ChainReference.account(identity.account)
    try transaction {
      for index in (told + 1)...chain.head.index {
        guard let statement = try chains.statement(own, at: index)?.statement,
          statement.device != identity.device
        else { continue }
        if let news = try news(statement, chain) { report.news.append(news) }
      }
      try settings.set(.accountTold, number: chain.head.index)
    }
  }

  private func news(_ statement: Statement, _ chain: AccountChain) throws -> String? {
    let author = Self.shortName(statement.device)
    switch statement.body {
    case .deviceAddition(let addition):
      let device = addition.device.device
      guard chain.devices[statement.device]?.isKit == true else {
        return "device \(Self.shortName(device)) was let in by device \(author)"
      }
      try audit(.recovery, device: device)
      return "device \(Self.shortName(device)) was restored with the recovery kit; if that was not "
        + "you, the kit was stolen: make a new one, restore with that, and take the device out"
    case .kit(let kit):
      try audit(.kit, device: kit.device.device)
      return "device \(author) has made a recovery kit; if that was not you, take that device out"
    case .deviceRevocation(let revocation):
      let isKit = chain.devices[revocation.device]?.isKit == true
      return (isKit ? "recovery kit " : "device ")
        + "\(Self.shortName(revocation.device)) was taken out by device \(author)"
    default: return nil
    }
  }

  private static func shortName(_ device: DeviceID) -> String { String(device.hex.prefix(12)) }
}
