import Foundation

/// A value behind a lock that the thread sanitizer knows; it reports every use of the standard
/// library's `Mutex` on Linux as a race. `HTTP` has one of its own: it imports no module of this
/// package, and the server none that speaks HTTP.
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
