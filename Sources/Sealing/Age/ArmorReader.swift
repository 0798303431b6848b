/// Reads age's ASCII armor. Strict: apart from white space around it and CRLF line ends, one text
/// for each file, so that armor cannot carry anything else.
public final class ArmorReader {
  private enum Stage {
    case beforeBegin
    case inBody
    case afterShortLine
    case afterEnd
  }

  /// How much white space may stand before and after, as in the age tool.
  static let whiteSpaceCountMax = 1024

  private var stage = Stage.beforeBegin
  private var whiteSpaceCount = 0
  /// The beginning of a line whose end has not arrived.
  private var partialLine: [UInt8] = []

  public init() {}

  /// Takes the next bytes of the text, and gives `sink` those of the file. Throws
  /// `AgeError.armorMalformed`, or what `sink` throws.
  public func update(
    _ text: UnsafeRawBufferPointer, sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    var output: [UInt8] = []
    output.reserveCapacity(text.count / 4 * 3 + ArmorWriter.lineByteCount)
    var rest = text[...]
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      let piece = rest[rest.startIndex..<end]
      if partialLine.isEmpty {
        try read(UnsafeRawBufferPointer(rebasing: piece), into: &output)
      } else {
        try hold(piece)
        try readPartialLine(into: &output)
      }
      rest = rest[(end + 1)...]
    }
    try hold(rest)
    if !output.isEmpty { try output.withUnsafeBytes(sink) }
  }

  /// The text is at its end. Throws as ``update(_:sink:)``.
  public func finish(sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    var output: [UInt8] = []
    if !partialLine.isEmpty { try readPartialLine(into: &output) }
    guard stage == .afterEnd else { throw AgeError.armorMalformed }
    if !output.isEmpty { try output.withUnsafeBytes(sink) }
  }

  private func hold(_ piece: Slice<UnsafeRawBufferPointer>) throws(AgeError) {
    guard partialLine.count + piece.count <= Self.whiteSpaceCountMax else { throw .armorMalformed }
    partialLine.append(contentsOf: piece)
  }

  private func readPartialLine(into output: inout [UInt8]) throws(AgeError) {
    let line = partialLine
    partialLine.removeAll(keepingCapacity: true)
    let result: Result<Void, AgeError> = line.withUnsafeBytes { line in
      do throws(AgeError) {
        return .success(try read(line, into: &output))
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }

  private func read(
    _ whole: UnsafeRawBufferPointer, into output: inout [UInt8]
  ) throws(AgeError) {
    let hasReturn = whole.last == UInt8(ascii: "\r")
    let line = hasReturn ? UnsafeRawBufferPointer(rebasing: whole.dropLast()) : whole
    switch stage {
    case .beforeBegin:
      if whole.allSatisfy(Self.isWhiteSpace) { return try countWhiteSpace(whole) }
      guard line.elementsEqual(ArmorWriter.beginLine) else { throw .armorMalformed }
      stage = .inBody
      whiteSpaceCount = 0
    case .inBody:
      if line.elementsEqual(ArmorWriter.endLine) {
        stage = .afterEnd
      } else {
        try readBody(line, into: &output)
      }
    case .afterShortLine:
      guard line.elementsEqual(ArmorWriter.endLine) else { throw .armorMalformed }
      stage = .afterEnd
    case .afterEnd:
      guard whole.allSatisfy(Self.isWhiteSpace) else { throw .armorMalformed }
      try countWhiteSpace(whole)
    }
  }

  private func readBody(
    _ line: UnsafeRawBufferPointer, into output: inout [UInt8]
  ) throws(AgeError) {
    guard (1...ArmorWriter.lineCount).contains(line.count),
      let bytes = AgeBase64.decode(line, .padded)
    else { throw .armorMalformed }
    output.append(contentsOf: bytes)
    // A shorter line, or one with padding, is the last.
    if bytes.count < ArmorWriter.lineByteCount { stage = .afterShortLine }
  }

  private func countWhiteSpace(_ line: UnsafeRawBufferPointer) throws(AgeError) {
    whiteSpaceCount += line.count + 1
    guard whiteSpaceCount <= Self.whiteSpaceCountMax else { throw .armorMalformed }
  }

  static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (0x09...0x0d).contains(byte)
  }
}
