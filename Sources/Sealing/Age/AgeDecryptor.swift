import Signing

/// Opens an age file as its bytes arrive, in bounded memory: the header, then the payload.
public final class AgeDecryptor {
  private typealias Sink = (UnsafeRawBufferPointer) throws -> Void

  private let identities: [AgeIdentity]
  private var armor: ArmorReader?
  private var isFormKnown: Bool
  /// What waits for the form to be known, then for the header to be there.
  private var head: [UInt8] = []
  private var opener: PayloadOpener?

  private static let headByteCount = AgeHeader.byteCountMax + AgePayload.nonceByteCount

  /// `form` is `nil` to recognise it by its first character: armor starts with a dash.
  public init(identities: [AgeIdentity], form: AgeForm? = nil) {
    self.identities = identities
    isFormKnown = form != nil
    armor = form == .armored ? ArmorReader() : nil
  }

  /// Takes the file's next bytes, and gives `sink` verified plaintext. Throws `AgeError`, or what
  /// `sink` throws; the file is refused then.
  public func update(
    _ bytes: UnsafeRawBufferPointer, sink: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    if isFormKnown { return try updateKnown(bytes, sink) }
    head.append(contentsOf: bytes)
    // However much has arrived: armor begins within the white space that may stand before it.
    let first = head.prefix(ArmorReader.whiteSpaceCountMax + 1)
      .first { !ArmorReader.isWhiteSpace($0) }
    guard first != nil || head.count > ArmorReader.whiteSpaceCountMax else { return }
    try recognise(first, sink)
  }

  /// The file is at its end. The plaintext is whole when this has returned. Throws as
  /// ``update(_:sink:)``.
  public func finish(sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    if !isFormKnown { try recognise(nil, sink) }
    if let armor { try armor.finish { try updateBinary($0, sink) } }
    if opener == nil { try openHeader(sink) }
    try opener?.finish(sink: sink)
  }

  private func recognise(_ first: UInt8?, _ sink: Sink) throws {
    isFormKnown = true
    armor = first == UInt8(ascii: "-") ? ArmorReader() : nil
    let waiting = head
    head = []
    try waiting.withUnsafeBytes { try updateKnown($0, sink) }
  }

  private func updateKnown(_ bytes: UnsafeRawBufferPointer, _ sink: Sink) throws {
    guard let armor else { return try updateBinary(bytes, sink) }
    try armor.update(bytes) { try updateBinary($0, sink) }
  }

  private func updateBinary(_ bytes: UnsafeRawBufferPointer, _ sink: Sink) throws {
    if let opener { return try opener.update(bytes, sink: sink) }
    let count = min(Self.headByteCount - head.count, bytes.count)
    head.append(contentsOf: bytes[..<count])
    guard head.count == Self.headByteCount else { return }
    try openHeader(sink)
    try opener?.update(UnsafeRawBufferPointer(rebasing: bytes[count...]), sink: sink)
  }

  /// `head` has the whole header, or it is too long.
  private func openHeader(_ sink: Sink) throws {
    let header = try AgeHeader(parsing: head)
    let opener = PayloadOpener(fileKey: try header.fileKey(with: identities))
    self.opener = opener
    try head[header.byteCount...].withUnsafeBytes { try opener.update($0, sink: sink) }
    head = []
  }
}
