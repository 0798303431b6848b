import Dispatch
import Signing

/// The names of several blobs at once, on all cores: hashing takes twice as long as sealing, and one
/// blob's hash is the work of one core.
public enum ParallelHashes {
  // Safe: each index reads its own input and writes its own output, and nobody else uses either until
  // all are done.
  private struct Memory: @unchecked Sendable {
    let inputs: UnsafeBufferPointer<[UInt8]>
    let outputs: UnsafeMutableBufferPointer<Digest>
  }

  /// BLAKE2b-256 of each, in their order.
  public static func contents(_ blobs: [[UInt8]]) -> [Digest] {
    guard blobs.count > 1 else { return blobs.map { Hasher256.content($0) } }
    var digests = [Digest](repeating: .zero, count: blobs.count)
    blobs.withUnsafeBufferPointer { inputs in
      digests.withUnsafeMutableBufferPointer { outputs in
        let memory = Memory(inputs: inputs, outputs: outputs)
        DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
          memory.outputs[index] = Hasher256.content(memory.inputs[index])
        }
      }
    }
    return digests
  }
}
