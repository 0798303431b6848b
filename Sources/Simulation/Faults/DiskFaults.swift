import Database
import Foundation
import Replica
import SyncProtocol
import Synchronization

/// What goes wrong with disks while processes live on.
extension StepKind {
  /// The device's database may hardly grow: some writes fit, some do not, and none by half.
  static let deviceDiskFull = StepKind("device disk full", weight: 2) { run, party in
    let database = party.replica.database
    let count = try database.first("PRAGMA page_count") { $0.integer(0) } ?? 0
    let max = count + Int64(run.generator.below(6))
    try database.execute("PRAGMA max_page_count = \(max)")
    run.tolerated = [.diskFull]
    let doing = run.generator.oneIn(2)
    let done = try doing ? run.act(party, times: 3) : run.sync(party)
    run.tolerated = []
    try database.execute("PRAGMA max_page_count = \(Int32.max)")
    run.count("device disk full")
    return "room for \(max - count): \(done)"
  }

  /// From one transaction on the server's disk takes no more.
  static let serverDiskFull = StepKind("server disk full", weight: 2) { run, party in
    let number = run.generator.below(12)
    let disk = FullDisk(after: number)
    run.world.server.onTransactionBoundary { try disk.reach($0) }
    run.tolerated = [.server(.storageFull)]
    let done = try run.sync(party)
    run.tolerated = []
    run.world.server.onTransactionBoundary(nil)
    run.count("server disk full")
    return "after \(number): \(done)"
  }

  /// The disk of the server's blobs is not there; that of its database is.
  static let blobDiskLost = StepKind("blob disk lost", weight: 1) { run, party in
    let blobs = "\(run.world.serverDirectory)/blobs"
    let aside = "\(blobs).aside"
    let manager = FileManager.default
    let isThere = manager.fileExists(atPath: blobs)
    if isThere { try manager.moveItem(atPath: blobs, toPath: aside) }
    guard manager.createFile(atPath: blobs, contents: nil) else {
      throw CocoaError(.fileWriteUnknown)
    }
    run.tolerated = [.server(.serverFault), .server(.blobMissing)]
    let done = try run.sync(party)
    run.tolerated = []
    try manager.removeItem(atPath: blobs)
    if isThere { try manager.moveItem(atPath: aside, toPath: blobs) }
    run.count("blob disk lost")
    return done
  }
}

/// Lets so many transactions through, and none after them.
private final class FullDisk: Sendable {
  private let left: Mutex<Int>

  init(after count: Int) { left = Mutex(count) }

  func reach(_ event: TransactionEvent) throws {
    guard case .willCommit = event else { return }
    try left.withLock { left in
      left -= 1
      if left < 0 { throw SQLError(code: 13, category: .full, message: "the disk is full") }
    }
  }
}
