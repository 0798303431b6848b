import Foundation
import Replica
import SyncServer
import Synchronization

/// What a test throws where the process would end.
package struct Crash: Error {}

/// Ends a process at one of its transaction boundaries: what is on disk at that moment is copied
/// aside, and from then on nothing that the doomed process does can change it.
package final class CrashPoint: Sendable {
  private struct State {
    var count = 0
    var hasCrashed = false
  }

  /// Counted from 0 among all boundaries, each `willCommit` and each `didCommit`.
  private let number: Int
  private let folder: String
  private let state = Mutex(State())

  package init(_ number: Int, folder: String) {
    self.number = number
    self.folder = folder
  }

  package var hasCrashed: Bool { state.withLock { $0.hasCrashed } }

  /// One more boundary.
  package func reach() throws {
    try state.withLock { state in
      if state.hasCrashed { throw Crash() }
      state.count += 1
      guard state.count > number else { return }
      state.hasCrashed = true
      try FileManager.default.copyItem(atPath: folder, toPath: copy)
      throw Crash()
    }
  }

  /// Whether this boundary is the end, or one after it.
  func isReached() -> Bool {
    do {
      try reach()
      return false
    } catch is Crash {
      return true
    } catch {
      preconditionFailure("\(folder) cannot be copied: \(error)")
    }
  }

  private var copy: String { folder + ".crashed" }

  /// Puts the disk as it was at the crash in the place of what came after.
  package func restore() throws {
    try FileManager.default.removeItem(atPath: folder)
    try FileManager.default.moveItem(atPath: copy, toPath: folder)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder)
    where name.hasSuffix("-shm") {
      // Shared memory does not outlive the machine.
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }
}

extension Party {
  /// Runs what the device does, and ends its process at the numbered boundary.
  ///
  /// - Returns: whether it came to that boundary.
  package func crash(at number: Int, during body: () throws -> Void) throws -> Bool {
    let point = CrashPoint(number, folder: homePath)
    replica.database.onTransactionBoundary = { _ in try point.reach() }
    do {
      try body()
    } catch is Crash {}
    replica.database.onTransactionBoundary = nil
    try begin(after: point)
    return point.hasCrashed
  }

  /// Runs what the device does, and ends its process at the numbered request.
  ///
  /// - Parameter hasArrived: whether that request still reaches the server.
  /// - Returns: whether it came to that request.
  func crash(
    atRequest number: Int, hasArrived: Bool, during body: () throws -> Void
  ) throws -> Bool {
    let point = CrashPoint(number, folder: homePath)
    network.fault = { _, _ in
      let wasOver = point.hasCrashed
      guard point.isReached() else { return .none }
      return hasArrived && !wasOver ? .loseResponse : .loseRequest
    }
    try body()
    network.fault = { _, _ in .none }
    try begin(after: point)
    return point.hasCrashed
  }

  /// Another process, on the disk as it was at the crash.
  private func begin(after point: CrashPoint) throws {
    guard point.hasCrashed else { return }
    close()
    try point.restore()
    try open()
  }
}

extension World {
  /// Runs what devices do, and ends the server's process at the numbered boundary.
  ///
  /// - Returns: whether it came to that boundary.
  package func crashServer(at number: Int, during body: () throws -> Void) throws -> Bool {
    let point = CrashPoint(number, folder: serverDirectory)
    server.onTransactionBoundary { _ in try point.reach() }
    for party in parties.values { party.network.isDown = { point.hasCrashed } }
    try body()
    for party in parties.values { party.network.isDown = { false } }
    if point.hasCrashed {
      try restartServer { try point.restore() }
    } else {
      server.onTransactionBoundary(nil)
    }
    return point.hasCrashed
  }
}
