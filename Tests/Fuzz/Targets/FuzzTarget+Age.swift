import Signing
import TestSupport

@testable import Sealing

/// age files, as anybody may send them: header, payload, armor.
extension FuzzTarget {
  /// Whoever the seeds are for.
  private static let identity = ExchangeKey(random: SeededRandom(seed: FuzzSeeds.ageKeySeed))

  static let age = FuzzTarget(name: "age") { bytes in
    if let header = attempt({ () throws(AgeError) in try AgeHeader(parsing: bytes) }) {
      let own = Array(bytes.prefix(header.byteCount))
      let again = attempt { () throws(AgeError) in try AgeHeader(parsing: own) }
      require(again?.byteCount == own.count, "a header is whole without what follows")
      let written =
        Array("age-encryption.org/v1\n".utf8) + header.stanzas.flatMap(\.encoded)
        + Array("--- ".utf8)
      require(own.starts(with: written), "one encoding for each header")
    }
    let whole = opened(bytes, pieceByteCount: max(bytes.count, 1))
    let pieces = opened(bytes, pieceByteCount: 61)
    require(whole.error == pieces.error, "how a file arrives does not matter")
    require(whole.plaintext == pieces.plaintext, "how a file arrives does not matter")
  }

  private static func opened(
    _ bytes: [UInt8], pieceByteCount: Int
  ) -> (plaintext: [UInt8], error: AgeError?) {
    let decryptor = AgeDecryptor(identities: [.key(identity)])
    var plaintext: [UInt8] = []
    do {
      try inPieces(bytes, pieceByteCount) { piece in
        try decryptor.update(piece) { plaintext.append(contentsOf: $0) }
      }
      try decryptor.finish { plaintext.append(contentsOf: $0) }
      return (plaintext, nil)
    } catch let error as AgeError {
      // What was verified before may depend on the pieces; what is refused may not.
      return ([], error)
    } catch {
      preconditionFailure("an age file is refused with an age error")
    }
  }

  static let armor = FuzzTarget(name: "armor") { bytes in
    let whole = unarmored(bytes, pieceByteCount: max(bytes.count, 1))
    require(whole == unarmored(bytes, pieceByteCount: 7), "how armor arrives does not matter")
    guard let whole else { return }
    let writer = ArmorWriter()
    var text: [UInt8] = []
    whole.withUnsafeBytes { writer.update($0) { text.append(contentsOf: $0) } }
    writer.finish { text.append(contentsOf: $0) }
    require(unarmored(text, pieceByteCount: 64) == whole, "what was in armor comes back")
    require(trimmed(text) == trimmed(bytes), "one armor for each file, but for white space")
  }

  /// Without white space around it, and with plain line ends.
  private static func trimmed(_ text: [UInt8]) -> [UInt8] {
    let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0d).contains(byte) }
    let body = text.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    return Array(body).split(separator: 0x0a, omittingEmptySubsequences: false)
      .map { $0.last == 0x0d ? $0.dropLast() : $0 }
      .joined(separator: [0x0a]).map { $0 }
  }

  private static func unarmored(_ text: [UInt8], pieceByteCount: Int) -> [UInt8]? {
    let reader = ArmorReader()
    var bytes: [UInt8] = []
    do {
      try inPieces(text, pieceByteCount) { piece in
        try reader.update(piece) { bytes.append(contentsOf: $0) }
      }
      try reader.finish { bytes.append(contentsOf: $0) }
      return bytes
    } catch {
      return nil
    }
  }

  private static func inPieces(
    _ bytes: [UInt8], _ byteCount: Int, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) rethrows {
    var rest = bytes[...]
    while !rest.isEmpty {
      try rest.prefix(byteCount).withUnsafeBytes(body)
      rest = rest.dropFirst(byteCount)
    }
  }
}
