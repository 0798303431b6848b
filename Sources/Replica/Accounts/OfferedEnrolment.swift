import CBOR
import SyncProtocol

/// A token that was made here, with the nonce that it commits to, and the one request that it is for.
struct OfferedEnrolment: WireCodable {
  let enrolment: Enrolment
  let nonce: EnrolmentNonce
  /// The first one that came. The nonce is shown for it alone: whoever knows that could choose keys and
  /// a nonce that lead to the same code.
  let request: EnrolmentRequest?

  init(enrolment: Enrolment, nonce: EnrolmentNonce, request: EnrolmentRequest? = nil) {
    self.enrolment = enrolment
    self.nonce = nonce
    self.request = request
  }

  func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.object(enrolment)
    writer.id(nonce)
    writer.optional(request) { $0.object($1) }
  }

  init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "offered enrolment")
    enrolment = try reader.object()
    nonce = try reader.id()
    request = try reader.optional { (r) throws(WireError) in try r.object() }
  }
}
