import Signing

/// Whole age files, from a source to a sink, in bounded memory.
public enum AgeFile {
  /// Fills the front of the buffer and says how many bytes it wrote; 0 at the end.
  public typealias Source = (UnsafeMutableRawBufferPointer) throws -> Int
  public typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private static let bufferByteCount = ChunkBatch.countMax * AgePayload.chunkByteCount

  /// Seals everything that `read` gives, under a new file key.
  ///
  /// Throws what `read` and `write` throw, and the errors of
  /// ``AgeHeader/encode(fileKey:recipients:random:)`` before anything is written.
  public static func encrypt(
    to recipients: [AgeRecipient], form: AgeForm = .binary, random: any RandomSource, read: Source,
    write: Sink
  ) throws {
    let fileKey = FileKey(random: random)
    let header = try AgeHeader.encode(fileKey: fileKey, recipients: recipients, random: random)
    let sealer = PayloadSealer(fileKey: fileKey, random: random)
    let output = FormWriter(form)
    try header.withUnsafeBytes { try output.update($0, sink: write) }
    try pump(read) { bytes in
      try sealer.update(bytes) { sealed in try output.update(sealed, sink: write) }
    }
    try sealer.finish { try output.update($0, sink: write) }
    try output.finish(sink: write)
  }

  /// Opens the file that `read` gives, binary or armored. `write` gets verified plaintext; it is
  /// whole when this has returned.
  ///
  /// Throws `AgeError`, and what `read` and `write` throw.
  public static func decrypt(
    with identities: [AgeIdentity], form: AgeForm? = nil, read: Source, write: Sink
  ) throws {
    let decryptor = AgeDecryptor(identities: identities, form: form)
    try pump(read) { try decryptor.update($0, sink: write) }
    try decryptor.finish(sink: write)
  }

  private static func pump(_ read: Source, into sink: Sink) throws {
    let buffer = ChunkBuffer(collecting: 0, making: bufferByteCount)
    try withExtendedLifetime(buffer) {
      let space = buffer.made(bufferByteCount)
      while case let count = try read(space), count > 0 {
        try sink(UnsafeRawBufferPointer(rebasing: space[..<count]))
      }
    }
  }
}
