import Signing

/// Files of keys, one a line, as `age-keygen` writes them: lines that are empty or start with `#`
/// are ignored, line ends may be CRLF.
public enum AgeKeyFile {
  /// The longest file, in bytes.
  public static let byteCountMax = 1 << 20

  /// The identities of a file, in its order.
  ///
  /// Throws `keyFileMalformed` for a line that is not an X25519 identity, and, with line 0, for a
  /// file without any or above ``byteCountMax``.
  public static func identities(in file: UnsafeRawBufferPointer) throws(AgeError) -> [ExchangeKey] {
    try keys(in: file) { line throws(AgeError) in try ExchangeKey(ageIdentity: line) }
  }

  /// The recipients of a file, in its order. Throws as ``identities(in:)``.
  public static func recipients(
    in file: UnsafeRawBufferPointer
  ) throws(AgeError) -> [ExchangePublicKey] {
    try keys(in: file) { line throws(AgeError) in
      try ExchangePublicKey(ageRecipient: String(decoding: line, as: UTF8.self))
    }
  }

  /// The file for one identity, with its recipient as a comment, and when it was made where that is
  /// given: a time as RFC 3339 writes it.
  public static func encode(_ key: ExchangeKey, created: String? = nil) -> SecretBytes {
    let lines = created.map { "# created: \($0)\n" } ?? ""
    let comment = Array("\(lines)# public key: \(key.publicKey.ageRecipient)\n".utf8)
    let identity = key.ageIdentity
    var file = SecretBytes(count: comment.count + identity.count + 1)
    file.withUnsafeMutableBytes { file in
      file.copyBytes(from: comment)
      let rest = UnsafeMutableRawBufferPointer(rebasing: file[comment.count...])
      identity.withUnsafeBytes { rest.copyMemory(from: $0) }
      rest[identity.count] = UInt8(ascii: "\n")
    }
    return file
  }

  private static func keys<Key>(
    in file: UnsafeRawBufferPointer, parse: (UnsafeRawBufferPointer) throws(AgeError) -> Key
  ) throws(AgeError) -> [Key] {
    guard file.count <= byteCountMax else { throw .keyFileMalformed(line: 0) }
    var keys: [Key] = []
    var number = 0
    for line in file.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      guard let first = text.first, first != UInt8(ascii: "#") else { continue }
      do throws(AgeError) {
        keys.append(try parse(UnsafeRawBufferPointer(rebasing: text)))
      } catch {
        throw .keyFileMalformed(line: number)
      }
    }
    guard !keys.isEmpty else { throw .keyFileMalformed(line: 0) }
    return keys
  }
}
