import Testing

@testable import Sealing

/// Pieces that all cores work on at once. Runs under the thread sanitizer too.
@Suite struct ChunkBatchTests {
  private static let pieceByteCount = 1024

  /// Whether each piece was worked on, once, with what is its own.
  @Test(arguments: [1, 2, 3, 17, ChunkBatch.countMax]) func eachPieceIsWorkedOnOnce(
    count: Int
  ) {
    let input = (0..<count * Self.pieceByteCount).map { UInt8(truncatingIfNeeded: $0 / 7) }
    var output = [UInt8](repeating: 0, count: 2 * input.count)
    let done = input.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { output in
        ChunkBatch.work(count, from: input, into: output) { place, piece, result in
          for (index, byte) in piece.enumerated() {
            // Added to what is there: a second time would show.
            result[2 * index] &+= byte &+ UInt8(truncatingIfNeeded: place)
            result[2 * index + 1] &+= 1
          }
          return true
        }
      }
    }
    #expect(done == count)
    var isRight = true
    for (index, byte) in input.enumerated() {
      let place = UInt8(truncatingIfNeeded: index / Self.pieceByteCount)
      isRight = isRight && output[2 * index] == byte &+ place && output[2 * index + 1] == 1
    }
    #expect(isRight)
  }

  @Test(arguments: [[], [0], [63], [5, 9, 63], [0, 1, 2]]) func theFirstThatFailsIsNamed(
    failing: [Int]
  ) {
    let count = ChunkBatch.countMax
    let input = [UInt8](repeating: 1, count: count)
    var output = input
    let first = input.withUnsafeBytes { input in
      output.withUnsafeMutableBytes { output in
        ChunkBatch.work(count, from: input, into: output) { place, _, _ in !failing.contains(place)
        }
      }
    }
    #expect(first == failing.first ?? count)
  }

  /// Batches one after the other, each by several threads, in memory that is used again.
  @Test func batchesFollowEachOther() {
    let count = ChunkBatch.countMax
    var input = [UInt8](repeating: 0, count: count * 64)
    var output = input
    for round in 1...20 {
      for index in input.indices { input[index] = UInt8(truncatingIfNeeded: index &* round) }
      _ = input.withUnsafeBytes { input in
        output.withUnsafeMutableBytes { output in
          ChunkBatch.work(count, from: input, into: output) { _, piece, result in
            result.copyMemory(from: piece)
            return true
          }
        }
      }
      #expect(output == input)
    }
  }
}
