import CBOR
import SyncProtocol

/// A token that was made here, with the nonce that it commits to, and the one request that it is for.
///
/// Kept in two parts: ``open``, and the token's secret.
struct OfferedEnrolment {
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

  var kept: KeptSecret { KeptSecret(open: open, secret: enrolment.secret) }

  private var open: [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.bytes(enrolment.open)
    writer.id(nonce)
    writer.optional(request) { $0.object($1) }
    return writer.bytes
  }

  init(open: [UInt8], secret: SharedSecret) throws(WireError) {
    var reader = WireReader(open)
    try reader.fields(3, "offered enrolment")
    enrolment = try Enrolment(open: reader.bytes(max: 2048), secret: secret)
    nonce = try reader.id()
    request = try reader.optional { (r) throws(WireError) in try r.object() }
    try reader.finish()
  }
}
