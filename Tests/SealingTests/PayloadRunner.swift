import Sealing
import Signing

/// Whole payloads in memory, in pieces of a chosen size.
enum PayloadRunner {
  static func seal(
    _ plaintext: [UInt8], fileKey: FileKey, random: any RandomSource, pieceByteCount: Int = 40_000
  ) -> [UInt8] {
    let sealer = PayloadSealer(fileKey: fileKey, random: random)
    var payload: [UInt8] = []
    for piece in pieces(plaintext, pieceByteCount) {
      piece.withUnsafeBytes { piece in
        sealer.update(piece) { payload.append(contentsOf: $0) }
      }
    }
    sealer.finish { payload.append(contentsOf: $0) }
    return payload
  }

  static func open(
    _ payload: [UInt8], fileKey: FileKey, pieceByteCount: Int = 40_000
  ) throws -> AgeFileRunner.Outcome {
    let opener = PayloadOpener(fileKey: fileKey)
    var outcome = AgeFileRunner.Outcome()
    do {
      for piece in pieces(payload, pieceByteCount) {
        try piece.withUnsafeBytes { piece in
          try opener.update(piece) { outcome.plaintext.append(contentsOf: $0) }
        }
      }
      try opener.finish { outcome.plaintext.append(contentsOf: $0) }
    } catch let error as AgeError {
      outcome.error = error
    }
    return outcome
  }

  private static func pieces(_ bytes: [UInt8], _ byteCount: Int) -> [ArraySlice<UInt8>] {
    stride(from: 0, to: bytes.count, by: byteCount).map {
      bytes[$0...].prefix(byteCount)
    }
  }
}
