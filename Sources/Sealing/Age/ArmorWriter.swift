/// Writes age's ASCII armor: strict PEM (RFC 7468 §3) with lines of 64 characters.
public final class ArmorWriter {
  static let beginLine = Array("-----BEGIN AGE ENCRYPTED FILE-----".utf8)
  static let endLine = Array("-----END AGE ENCRYPTED FILE-----".utf8)
  static let lineByteCount = 48
  static let lineCount = 64

  private static let lineFeed = UInt8(ascii: "\n")

  private var pending: [UInt8] = []
  private var hasBegun = false

  public init() {}

  /// Takes the next bytes of the file, and gives `sink` the lines that are full.
  public func update<Failure: Error>(
    _ bytes: UnsafeRawBufferPointer, sink: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    pending.append(contentsOf: bytes)
    let fullByteCount = pending.count / Self.lineByteCount * Self.lineByteCount
    guard fullByteCount > 0 else { return }
    let text = lines(pending[..<fullByteCount])
    pending.removeFirst(fullByteCount)
    try sink(text)
  }

  /// Gives `sink` the last lines.
  public func finish<Failure: Error>(
    sink: ([UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    let text = lines(pending[...]) + Self.endLine + [Self.lineFeed]
    pending = []
    try sink(text)
  }

  private func lines(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var text: [UInt8] = []
    if !hasBegun { text += Self.beginLine + [Self.lineFeed] }
    hasBegun = true
    let base64 = bytes.withUnsafeBytes { AgeBase64.encode($0, .padded) }
    text.reserveCapacity(text.count + base64.count / Self.lineCount * (Self.lineCount + 1) + 80)
    var start = 0
    while start < base64.count {
      let end = min(start + Self.lineCount, base64.count)
      text += base64[start..<end]
      text.append(Self.lineFeed)
      start = end
    }
    return text
  }
}
