import Foundation
import Merge
import SpaceStore
import SyncServer

/// How an operator puts a backup of the server back.
package enum ServerRestore: CaseIterable, Sendable {
  /// `satchel-server restore`.
  case byCommand
  /// The files are copied back by hand; the server finds out when it starts.
  case byHand
  /// The disk is set back underneath, and only the devices can tell.
  case unnoticed
}

extension World {
  package var serverBackup: String { serverDirectory + ".backup" }

  /// While it serves.
  package func backUpServer() throws {
    try SyncServer.backUp(directory: serverDirectory, to: serverBackup)
  }

  package func restoreServer(_ how: ServerRestore) throws {
    var options = Self.serverOptions
    options.noticesCopies = how == .byHand
    try restartServer(options) {
      guard how != .byCommand else {
        return try SyncServer.restore(
          directory: serverDirectory, from: serverBackup, environment: serverEnvironment,
          schema: serverSchema)
      }
      try FileManager.default.removeItem(atPath: serverDirectory)
      try folder.copy(serverBackup, as: "server")
    }
  }
}

extension Run {
  /// In every fourth run the server is backed up at some step, and set back at a later one.
  func restoreServerWhereDue(_ number: Int) throws {
    let planted = options.plantedBug?.serverRestore
    guard planted != nil || seed % 4 == 2 && options.plantedBug == nil else { return }
    var plan = SplitMix64(seed: seed &+ 0xbac)
    let backedUp = plan.below(max(options.stepCount / 2, 1))
    let restored = backedUp + 1 + plan.below(max(options.stepCount / 2, 1))
    if number == backedUp { try world.backUpServer() }
    guard FileManager.default.fileExists(atPath: world.serverBackup) else { return }
    // A home that has forgotten its numbers, and one that writes under the same, meet the others' in the
    // log; a server that is set back then shows neither.
    guard number == restored, self.restored.isEmpty else { return }
    serverWasRestored = true
    let how = planted ?? (plan.oneIn(2) ? .byCommand : .byHand)
    try world.restoreServer(how)
    count("server restored")
    let lost = try lostWithTheServer()
    for item in lost { written.remove(item) }
    trace.note("server restored \(how), \(lost.count) lost")
  }

  /// What nobody has any more: whoever leaves a space does not keep what they wrote there.
  private func lostWithTheServer() throws -> [Written] {
    try world.unaccounted(written).map(\.0).filter { item in
      let party = world[item.party]
      if lostDevices.contains(item.origin.replica.device) { return true }
      let number = try party.replica.store.number(of: item.space)
      return try party.replica.hasLeft(item.space)
        && party.replica.database.first(
          "SELECT 1 FROM outbox WHERE space = ? LIMIT 1", .integer(number)
        ) { _ in true } == nil
    }
  }
}
