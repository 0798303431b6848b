import Foundation

/// A value behind a lock.
///
/// `Mutex` of the standard library would do, but its Linux form is a futex inside a library that the
/// thread sanitizer does not see into: it reports each use as a race, and real ones drown. A lock of
/// Foundation is one the sanitizer knows.
///
/// `@unchecked Sendable`: the value is touched only under the lock.
final class Guarded<Value>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  init(_ value: sending Value) {
    self.value = value
  }

  func withLock<R, E: Error>(_ body: (inout Value) throws(E) -> R) throws(E) -> R {
    lock.lock()
    defer { lock.unlock() }
    return try body(&value)
  }
}
