import Dispatch
import Signing

/// A payload that is made in one piece, of a file that is small enough to lie in memory: many small
/// files keep all cores busy as one large file does with its chunks.
public enum WholePayload {
  /// What is sealed: each plaintext under a key and a nonce of its own.
  public struct Input {
    let plaintext: UnsafeRawBufferPointer
    let key: PayloadKey
    let nonce: [UInt8]

    /// - Parameter plaintext: not changed before the payload is made.
    public init(_ plaintext: UnsafeRawBufferPointer, fileKey: FileKey, random: any RandomSource) {
      self.plaintext = plaintext
      nonce = random.bytes(AgePayload.nonceByteCount)
      key = PayloadKey(fileKey: fileKey, nonce: nonce)
    }
  }

  // Safe: each index reads its own input and writes its own output, and nobody else uses either until
  // all are done.
  private struct Memory: @unchecked Sendable {
    let inputs: UnsafeBufferPointer<Input>
    let outputs: UnsafeMutableBufferPointer<SealedBlob?>
  }

  /// Seals several plaintexts at once, on all cores; the payloads are in the order of the inputs.
  public static func seal(_ inputs: [Input]) -> [SealedBlob] {
    var outputs = [SealedBlob?](repeating: nil, count: inputs.count)
    inputs.withUnsafeBufferPointer { inputs in
      outputs.withUnsafeMutableBufferPointer { outputs in
        let memory = Memory(inputs: inputs, outputs: outputs)
        DispatchQueue.concurrentPerform(iterations: inputs.count) { index in
          memory.outputs[index] = sealed(memory.inputs[index])
        }
      }
    }
    return outputs.map { payload in
      guard let payload else { preconditionFailure("each was sealed") }
      return payload
    }
  }

  private static func sealed(_ input: Input) -> SealedBlob {
    let plaintext = input.plaintext
    let byteCount = AgePayload.payloadByteCount(plaintextByteCount: plaintext.count)
    let bytes = [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, filled in
      let payload = UnsafeMutableRawBufferPointer(buffer)
      payload.copyBytes(from: input.nonce)
      let count = AgePayload.chunkCount(plaintextByteCount: plaintext.count)
      for index in 0..<count {
        let start = index * AgePayload.chunkByteCount
        let end = min(start + AgePayload.chunkByteCount, plaintext.count)
        let place = AgePayload.nonceByteCount + index * AgePayload.sealedChunkByteCount
        input.key.sealChunk(
          at: index, isLast: index == count - 1,
          UnsafeRawBufferPointer(rebasing: plaintext[start..<end]),
          into: UnsafeMutableRawBufferPointer(
            rebasing: payload[place..<place + end - start + AgePayload.tagByteCount]))
      }
      filled = byteCount
    }
    return SealedBlob(bytes: bytes, hash: Hasher256.content(bytes))
  }
}
