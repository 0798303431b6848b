import CSodium

/// BLAKE2b-256 (RFC 7693), unkeyed, fed piece by piece. A value without an allocation.
///
/// A hasher with a domain hashes one byte with the length of the domain's UTF-8 and that UTF-8
/// before anything else, so that what was hashed for one purpose never stands for another. Pieces
/// are not delimited: `update` twice is `update` once with both. A caller whose pieces vary in
/// length puts their lengths in, as ``hash(domain:_:)`` does.
public struct Hasher256: Sendable {
  private var state: satchel_blake2b_state

  private init() {
    Sodium.prepare()
    state = satchel_blake2b_state()
    let result = satchel_blake2b_init(&state, Digest.byteCount)
    precondition(result == 0, "BLAKE2b did not start")
  }

  /// `domain` is 1 to 255 bytes of UTF-8, for example `satchel/commit/1`.
  public init(domain: String) {
    self.init()
    var domain = domain
    domain.withUTF8 { tag in
      precondition((1...255).contains(tag.count), "a domain has 1 to 255 bytes")
      withUnsafeBytes(of: UInt8(tag.count)) { update($0) }
      update(UnsafeRawBufferPointer(tag))
    }
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    satchel_blake2b_update(&state, bytes.octets, UInt64(bytes.count))
  }

  public mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { update($0) }
  }

  public mutating func update(_ digest: Digest) {
    digest.withUnsafeBytes { update($0) }
  }

  /// Eight bytes, the most significant first.
  public mutating func update(_ number: UInt64) {
    withUnsafeBytes(of: number.bigEndian) { update($0) }
  }

  /// The hash of all that was fed so far. The hasher can go on from there.
  public func finalize() -> Digest {
    Digest { digest in
      withUnsafePointer(to: state) { state in
        _ = satchel_blake2b_final(state, digest.octets, digest.count)
      }
    }
  }

  /// Hashes `parts` under `domain`, each after its length as eight bytes, so that no two lists of
  /// parts hash alike.
  public static func hash(domain: String, _ parts: [UInt8]...) -> Digest {
    var hasher = Hasher256(domain: domain)
    for part in parts {
      hasher.update(UInt64(part.count))
      hasher.update(part)
    }
    return hasher.finalize()
  }

  /// As ``hash(domain:_:)`` of one part that is secret; leaves no copy of it behind.
  public static func hash(domain: String, secret: UnsafeRawBufferPointer) -> Digest {
    var hasher = Hasher256(domain: domain)
    defer { sodium_memzero(&hasher.state, MemoryLayout.size(ofValue: hasher.state)) }
    hasher.update(UInt64(secret.count))
    hasher.update(secret)
    return hasher.finalize()
  }

  /// A hasher of plain BLAKE2b-256, without a domain: as ``content(_:)-(UnsafeRawBufferPointer)``,
  /// piece by piece.
  public static var plain: Hasher256 { Hasher256() }

  /// Plain BLAKE2b-256, without a domain: the name of a blob, the same as `b2sum -l 256` prints.
  public static func content(_ bytes: UnsafeRawBufferPointer) -> Digest {
    Sodium.prepare()
    return Digest { digest in
      crypto_generichash(
        digest.octets, digest.count, bytes.octets, UInt64(bytes.count), nil, 0)
    }
  }

  /// Plain BLAKE2b-256, without a domain.
  public static func content(_ bytes: [UInt8]) -> Digest {
    bytes.withUnsafeBytes { content($0) }
  }

  /// A hasher that computes ``content(_:)-([UInt8])`` piece by piece.
  public static func content() -> Hasher256 { Hasher256() }
}
