import Foundation

/// Memory for one secret: of fixed size, so that nothing is ever copied to grow it; kept out of swap
/// where the system allows; overwritten when it is let go.
final class WipedBuffer {
  private let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(capacity: Int) {
    memory = .allocate(byteCount: capacity, alignment: 16)
    // May fail by the limit on locked memory; the wiping below holds either way.
    mlock(memory.baseAddress, memory.count)
  }

  deinit {
    wipe()
    munlock(memory.baseAddress, memory.count)
    memory.deallocate()
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// What is not yet used; ``extend(by:)`` says how much of it was filled.
  var free: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memory[count...])
  }

  func extend(by byteCount: Int) {
    precondition(byteCount <= memory.count - count)
    count += byteCount
  }

  /// False when it is full.
  func append(_ byte: UInt8) -> Bool {
    guard count < memory.count else { return false }
    memory[count] = byte
    count += 1
    return true
  }

  func removeLast() {
    precondition(count > 0)
    count -= 1
    memory[count] = 0
  }

  /// Drops one line end, `\n` or `\r\n`.
  func dropLineEnd() {
    guard count > 0, memory[count - 1] == UInt8(ascii: "\n") else { return }
    removeLast()
    if count > 0, memory[count - 1] == UInt8(ascii: "\r") { removeLast() }
  }

  func wipe() {
    if let start = memory.baseAddress { explicit_bzero(start, memory.count) }
    count = 0
  }
}
