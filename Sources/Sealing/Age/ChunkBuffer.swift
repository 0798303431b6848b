import CSodium

/// Two reusable areas: what was collected of one chunk, and what was made of one or more. Wiped when
/// freed as far as they were used, because one of them holds plaintext.
final class ChunkBuffer {
  private let memory: UnsafeMutableRawBufferPointer
  private let collectedByteCountMax: Int
  private(set) var collectedByteCount = 0
  private var usedByteCount: Int

  init(collecting collectedByteCountMax: Int, making madeByteCountMax: Int) {
    self.collectedByteCountMax = collectedByteCountMax
    usedByteCount = collectedByteCountMax
    memory = .allocate(byteCount: collectedByteCountMax + madeByteCountMax, alignment: 16)
  }

  deinit {
    sodium_memzero(memory.baseAddress, usedByteCount)
    memory.deallocate()
  }

  var isFull: Bool { collectedByteCount == collectedByteCountMax }

  /// What was collected since ``clear()``.
  var collected: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: memory[..<collectedByteCount])
  }

  /// `byteCount` bytes for the result.
  func made(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
    precondition(byteCount <= memory.count - collectedByteCountMax, "more than there is room for")
    usedByteCount = max(usedByteCount, collectedByteCountMax + byteCount)
    return UnsafeMutableRawBufferPointer(
      rebasing: memory[collectedByteCountMax...].prefix(byteCount))
  }

  /// Takes what fits from the front of `bytes` and leaves the rest there.
  func collect(_ bytes: inout UnsafeRawBufferPointer) {
    let count = min(collectedByteCountMax - collectedByteCount, bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: memory[collectedByteCount...].prefix(count))
      .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    collectedByteCount += count
    bytes = UnsafeRawBufferPointer(rebasing: bytes[count...])
  }

  func clear() { collectedByteCount = 0 }
}
