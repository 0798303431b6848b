import CBOR
import SyncProtocol

extension PendingEnrolment {
  /// What the new device was told, and what it adds to the short code.
  struct Stored: WireCodable {
    let enrolment: Enrolment
    let nonce: EnrolmentNonce

    init(enrolment: Enrolment, nonce: EnrolmentNonce) {
      self.enrolment = enrolment
      self.nonce = nonce
    }

    func encode(to writer: inout CBORWriter) {
      writer.array(count: 2)
      writer.object(enrolment)
      writer.id(nonce)
    }

    init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(2, "stored enrolment")
      enrolment = try reader.object()
      nonce = try reader.id()
    }
  }
}
