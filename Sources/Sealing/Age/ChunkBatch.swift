import Dispatch

/// Full chunks that lie one behind the other, and what becomes of them, worked on by all cores at
/// once.
enum ChunkBatch {
  /// Chunks in a batch, 4 MiB: enough that the cores seldom wait for each other at its end, few
  /// enough for a small memory.
  static let countMax = 64

  /// How many full chunks of `byteCount` bytes lie at the start of `available` bytes with something
  /// behind the last of them, at most ``countMax``.
  static func count(of byteCount: Int, in available: Int) -> Int {
    min(countMax, (available - 1) / byteCount)
  }

  // Safe: each index reads and writes pieces of its own, and nobody else uses the memory until all
  // are done.
  private struct Memory: @unchecked Sendable {
    let count: Int
    let input: UnsafeRawBufferPointer
    let output: UnsafeMutableRawBufferPointer
    let results: UnsafeMutableBufferPointer<Bool>

    func work(
      _ index: Int, _ body: (Int, UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Bool
    ) {
      let inputCount = input.count / count
      let outputCount = output.count / count
      let result = body(
        index,
        UnsafeRawBufferPointer(rebasing: input[index * inputCount..<(index + 1) * inputCount]),
        UnsafeMutableRawBufferPointer(
          rebasing: output[index * outputCount..<(index + 1) * outputCount]))
      results.initializeElement(at: index, to: result)
    }
  }

  /// Calls `body` for each of the `count` pieces that `input` and `output` are cut into, in any
  /// order and on several threads; says before which piece `body` was `false` first, or `count`.
  static func work(
    _ count: Int, from input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer,
    _ body: @Sendable (Int, UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) -> Bool
  ) -> Int {
    withUnsafeTemporaryAllocation(of: Bool.self, capacity: count) { results in
      let memory = Memory(count: count, input: input, output: output, results: results)
      if count == 1 {
        memory.work(0, body)
      } else {
        DispatchQueue.concurrentPerform(iterations: count) { memory.work($0, body) }
      }
      return results.firstIndex(of: false) ?? count
    }
  }
}
