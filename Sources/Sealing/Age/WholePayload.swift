import Dispatch
import Signing

/// A payload that is made in one piece, of a file that is small enough to lie in memory: many small
/// files keep all cores busy as one large file does with its chunks.
public enum WholePayload {
  /// What is sealed: each plaintext under a key and a nonce of its own.
  public struct Input {
    let plaintext: UnsafeRawBufferPointer
    let key: FileKey
    let nonce: [UInt8]

    /// - Parameter plaintext: not changed before the payload is made.
    public init(_ plaintext: UnsafeRawBufferPointer, fileKey: FileKey, random: any RandomSource) {
      self.plaintext = plaintext
      nonce = random.bytes(AgePayload.nonceByteCount)
      key = fileKey
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
      input.nonce.withUnsafeBytes { nonce in
        PayloadKey.withKey(input.key, nonce: nonce) { key in
          for chunk in chunks(of: plaintext.count) {
            PayloadKey.withNonce(chunk.index, chunk.isLast) { nonce in
              ChaCha20Poly1305.seal(
                UnsafeRawBufferPointer(rebasing: plaintext[chunk.plaintext]), key: key,
                nonce: nonce,
                into: UnsafeMutableRawBufferPointer(rebasing: payload[chunk.sealed]))
            }
          }
        }
      }
      filled = byteCount
    }
    return SealedBlob(bytes: bytes, hash: Hasher256.content(bytes))
  }

  /// Opens a payload that is all there.
  ///
  /// - Parameter plaintext: as many bytes as the payload's plaintext has.
  /// - Returns: whether all of it is authentic. Only then `plaintext` may be looked at.
  public static func open(
    _ payload: UnsafeRawBufferPointer, fileKey: FileKey,
    into plaintext: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard AgePayload.plaintextByteCount(payloadByteCount: payload.count) == plaintext.count else {
      return false
    }
    let nonce = UnsafeRawBufferPointer(rebasing: payload[..<AgePayload.nonceByteCount])
    return PayloadKey.withKey(fileKey, nonce: nonce) { key in
      chunks(of: plaintext.count).allSatisfy { chunk in
        PayloadKey.withNonce(chunk.index, chunk.isLast) { nonce in
          ChaCha20Poly1305.open(
            UnsafeRawBufferPointer(rebasing: payload[chunk.sealed]), key: key, nonce: nonce,
            into: UnsafeMutableRawBufferPointer(rebasing: plaintext[chunk.plaintext]))
        }
      }
    }
  }

  private struct Chunk {
    let index: Int
    let isLast: Bool
    let plaintext: Range<Int>
    let sealed: Range<Int>
  }

  /// The chunks of a plaintext, and where they lie in it and in its payload.
  private static func chunks(of byteCount: Int) -> [Chunk] {
    let count = AgePayload.chunkCount(plaintextByteCount: byteCount)
    return (0..<count).map { index in
      let start = index * AgePayload.chunkByteCount
      let end = min(start + AgePayload.chunkByteCount, byteCount)
      let place = AgePayload.nonceByteCount + index * AgePayload.sealedChunkByteCount
      return Chunk(
        index: index, isLast: index == count - 1, plaintext: start..<end,
        sealed: place..<place + end - start + AgePayload.tagByteCount)
    }
  }
}
