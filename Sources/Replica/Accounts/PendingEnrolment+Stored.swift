import CBOR
import SyncProtocol

extension PendingEnrolment {
  /// What the new device was told, and what it adds to the short code. Kept in two parts: ``open``, and
  /// the token's secret.
  struct Stored {
    let enrolment: Enrolment
    let nonce: EnrolmentNonce

    init(enrolment: Enrolment, nonce: EnrolmentNonce) {
      self.enrolment = enrolment
      self.nonce = nonce
    }

    var open: [UInt8] {
      var writer = CBORWriter()
      writer.array(count: 2)
      writer.bytes(enrolment.open)
      writer.id(nonce)
      return writer.bytes
    }

    init(open: [UInt8], secret: SharedSecret) throws(WireError) {
      var reader = WireReader(open)
      try reader.fields(2, "stored enrolment")
      enrolment = try Enrolment(open: reader.bytes(max: 2048), secret: secret)
      nonce = try reader.id()
      try reader.finish()
    }
  }
}
