import Signing

/// An age file's header: who can open it, and a code over it under the file key.
///
/// Parsing is strict: one header for each string of bytes. Nothing in it is authentic until
/// ``fileKey(with:)`` returned.
public struct AgeHeader: Sendable {
  /// Limits of this implementation; the format has none.
  public static let byteCountMax = 64 * 1024
  public static let stanzaCountMax = 256

  /// Who can open it, in the file's order.
  public let stanzas: [AgeStanza]
  /// How many bytes the header has; the payload starts after them.
  public let byteCount: Int

  private let code: Digest
  /// From the version line to the mark of the last line, without the space after it.
  private let authenticated: [UInt8]

  private static let versionPrefix = Array("age-encryption.org/".utf8)
  private static let versionLine = Array("age-encryption.org/v1".utf8)
  private static let endMark = Array("---".utf8)

  /// Reads the header at the start of `bytes`, which is the file's first ``byteCountMax`` bytes, or
  /// all of them.
  ///
  /// Throws `notAnAgeFile`, `unsupportedVersion` and `headerMalformed`.
  public init(parsing bytes: [UInt8]) throws(AgeError) {
    var lines = AgeLines(bytes.prefix(Self.byteCountMax))
    try Self.checkVersion(&lines, in: bytes)
    var stanzas: [AgeStanza] = []
    var start = lines.rest.startIndex
    while let line = lines.next() {
      if line.starts(with: Self.endMark) {
        guard !stanzas.isEmpty else { break }
        code = try Self.code(of: line)
        authenticated = bytes[..<start] + Self.endMark
        self.stanzas = stanzas
        byteCount = lines.rest.startIndex
        try checkStanzas()
        return
      }
      guard stanzas.count < Self.stanzaCountMax else { break }
      stanzas.append(try AgeStanza.parse(line, body: &lines))
      start = lines.rest.startIndex
    }
    throw .headerMalformed
  }

  /// The header for `fileKey` and `recipients`, each of which can open it alone.
  ///
  /// Throws `recipientsNotAllowed` for none, for more than ``stanzaCountMax`` and for a passphrase
  /// beside others; `weakRecipient`; `outOfMemory`.
  public static func encode(
    fileKey: FileKey, recipients: [AgeRecipient], random: any RandomSource
  ) throws(AgeError) -> [UInt8] {
    guard (1...stanzaCountMax).contains(recipients.count),
      recipients.count == 1 || !recipients.contains(where: \.isPassphrase)
    else { throw .recipientsNotAllowed }
    var bytes = versionLine + [UInt8(ascii: "\n")]
    for recipient in recipients {
      bytes += try recipient.wrap(fileKey, random: random).encoded
    }
    bytes += endMark
    let code = code(of: bytes, fileKey)
    bytes.append(UInt8(ascii: " "))
    bytes += AgeBase64.encode(code.bytes, .unpadded)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }

  /// The file key, by the first identity that opens a stanza; then the header is authentic.
  ///
  /// Throws `noIdentityMatched`, `headerAltered`, and `headerMalformed`, `workFactorTooHigh` or
  /// `outOfMemory` where an identity cannot even try.
  public func fileKey(with identities: [AgeIdentity]) throws(AgeError) -> FileKey {
    for identity in identities {
      for stanza in stanzas {
        guard let fileKey = try identity.unwrap(stanza) else { continue }
        guard isAuthentic(under: fileKey) else { throw .headerAltered }
        return fileKey
      }
    }
    throw .noIdentityMatched
  }

  /// Whether somebody who had the file key wrote this header.
  public func isAuthentic(under fileKey: FileKey) -> Bool {
    ConstantTime.areEqual(Self.code(of: authenticated, fileKey), code)
  }

  private static func checkVersion(_ lines: inout AgeLines, in bytes: [UInt8]) throws(AgeError) {
    guard bytes.starts(with: versionPrefix) else { throw .notAnAgeFile }
    guard let line = lines.next() else { throw .headerMalformed }
    guard line.elementsEqual(versionLine) else {
      let version = line.dropFirst(versionPrefix.count)
      let isVersion = !version.isEmpty && version.allSatisfy { (0x21...0x7e).contains($0) }
      throw isVersion ? .unsupportedVersion : .headerMalformed
    }
  }

  /// Native stanzas have to be as specified whoever they are for, and a passphrase stands alone.
  private func checkStanzas() throws(AgeError) {
    for stanza in stanzas {
      switch stanza.type {
      case X25519Stanza.type: _ = try X25519Stanza.parts(of: stanza)
      case ScryptStanza.type:
        guard stanzas.count == 1 else { throw .headerMalformed }
        _ = try ScryptStanza.parts(of: stanza)
      default: break
      }
    }
  }

  private static func code(of line: ArraySlice<UInt8>) throws(AgeError) -> Digest {
    let rest = line.dropFirst(endMark.count)
    guard rest.first == UInt8(ascii: " "),
      let bytes = AgeBase64.decode(rest.dropFirst(), .unpadded), let code = Digest(bytes)
    else { throw .headerMalformed }
    return code
  }

  private static func code(of header: [UInt8], _ fileKey: FileKey) -> Digest {
    let key = fileKey.withBytes { fileKey in
      fileKey.withUnsafeBytes { HKDF.derive(secret: $0, info: "header") }
    }
    return HMAC.code(for: header, key: key)
  }
}
