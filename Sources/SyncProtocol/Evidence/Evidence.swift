import CBOR
import Merge
import Signing

/// Something that an honest server or member does not do, with what a third person needs to check it.
public struct Evidence: Hashable, WireCodable {
  /// 4 MiB of what was shown; of more only the beginning is kept.
  public static let byteCountMax = 4 << 20
  static let kindByteCountMax = 256

  /// A few words: what was found.
  public let kind: String
  /// `nil` where it is not about one space.
  public let space: SpaceID?
  /// When it was found, by the finder's clock; milliseconds since 1970.
  public let timeMilliseconds: UInt64
  /// Whose word it is.
  public let server: ServerCertificate
  public let shown: ShownHistory

  public init(
    kind: String, space: SpaceID?, timeMilliseconds: UInt64, server: ServerCertificate,
    shown: ShownHistory
  ) {
    self.kind = kind
    self.space = space
    self.timeMilliseconds = timeMilliseconds
    self.server = server
    self.shown = shown
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 5)
    writer.text(kind)
    writer.optional(space) { $0.id($1) }
    writer.unsigned(timeMilliseconds)
    writer.object(server)
    writer.object(shown)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(5, "evidence")
    kind = try reader.text(max: Self.kindByteCountMax)
    space = try reader.optional { (r) throws(WireError) in try r.id() }
    timeMilliseconds = try reader.milliseconds()
    server = try reader.object()
    shown = try reader.object()
  }
}
