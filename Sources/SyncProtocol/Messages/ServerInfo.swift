import CBOR
import Merge
import Signing

/// What a server says of itself to anyone who asks.
public struct ServerInfo: Hashable, WireCodable {
  /// Versions of the protocol that it speaks.
  public let versions: [UInt64]
  public let certificate: ServerCertificate
  /// The server's time, milliseconds since 1970.
  public let timeMilliseconds: UInt64
  /// Another number than before: the server was restored. 0 if it never was.
  public let incarnation: UInt64

  public init(
    versions: [UInt64], certificate: ServerCertificate, timeMilliseconds: UInt64,
    incarnation: UInt64 = 0
  ) {
    self.versions = versions
    self.certificate = certificate
    self.timeMilliseconds = timeMilliseconds
    self.incarnation = incarnation
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.list(versions) { $0.unsigned($1) }
    writer.object(certificate)
    writer.unsigned(timeMilliseconds)
    writer.unsigned(incarnation)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "server info")
    versions = try reader.list(max: 16) { (r) throws(WireError) in
      try r.unsigned()
    }
    certificate = try reader.object()
    timeMilliseconds = try reader.milliseconds()
    incarnation = try reader.number("incarnation")
  }
}
