import Sealing
import Signing

/// Whole files in memory, through the streaming interface, in pieces of a chosen size.
enum AgeFileRunner {
  struct Outcome {
    var plaintext: [UInt8] = []
    var error: AgeError?
  }

  static func encrypt(
    _ plaintext: [UInt8], to recipients: [AgeRecipient], form: AgeForm = .binary,
    random: any RandomSource, pieceByteCount: Int = 1 << 20
  ) throws -> [UInt8] {
    var source = Pieces(plaintext, pieceByteCount)
    var file: [UInt8] = []
    try AgeFile.encrypt(to: recipients, form: form, random: random) {
      source.read($0)
    } write: {
      file.append(contentsOf: $0)
    }
    return file
  }

  static func decrypt(
    _ file: [UInt8], with identities: [AgeIdentity], form: AgeForm? = nil,
    pieceByteCount: Int = 1 << 20
  ) throws -> Outcome {
    var source = Pieces(file, pieceByteCount)
    var outcome = Outcome()
    do {
      try AgeFile.decrypt(with: identities, form: form) {
        source.read($0)
      } write: {
        outcome.plaintext.append(contentsOf: $0)
      }
    } catch let error as AgeError {
      outcome.error = error
    }
    return outcome
  }

  struct Pieces {
    private var rest: ArraySlice<UInt8>
    private let byteCount: Int

    init(_ bytes: [UInt8], _ byteCount: Int) {
      rest = bytes[...]
      self.byteCount = byteCount
    }

    mutating func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
      let piece = rest.prefix(min(byteCount, buffer.count))
      buffer.copyBytes(from: piece)
      rest = rest.dropFirst(piece.count)
      return piece.count
    }
  }
}
