import CBOR
import Merge
import Signing

/// What the device that is there says to the one that asks, once it has seen its request.
public struct EnrolmentAnswer: Hashable, WireCodable {
  public let lookup: Digest
  /// The nonce that the enrolment committed to; both show the short code now. `nil`: nobody is let in.
  public let nonce: EnrolmentNonce?

  public init(lookup: Digest, nonce: EnrolmentNonce?) {
    self.lookup = lookup
    self.nonce = nonce
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.octets(lookup)
    writer.optional(nonce) { $0.id($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "enrolment answer")
    lookup = try reader.digest()
    nonce = try reader.optional { (r) throws(WireError) in try r.id() }
  }
}
