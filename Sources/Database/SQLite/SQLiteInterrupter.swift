import CSQLite
import Synchronization

/// Stops what a connection executes, from any task.
public final class SQLiteInterrupter: Sendable {
  /// The handle while the connection is open. The lock keeps it from being closed during a call.
  private let handle: Mutex<Handle>

  // Safe: used for nothing but `sqlite3_interrupt`, which SQLite allows from any thread.
  private struct Handle: @unchecked Sendable {
    var pointer: OpaquePointer?
  }

  init(_ handle: OpaquePointer) { self.handle = Mutex(Handle(pointer: handle)) }

  /// Lets the statements that are being executed fail as `interrupted`. Does nothing if there are
  /// none, or if the connection is closed.
  public func interrupt() {
    handle.withLock { handle in
      if let pointer = handle.pointer { sqlite3_interrupt(pointer) }
    }
  }

  func end() { handle.withLock { $0.pointer = nil } }
}
