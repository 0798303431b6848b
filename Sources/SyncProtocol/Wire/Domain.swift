import Signing

/// The tag that begins every hashed or signed string, so that nothing said in one place can be
/// replayed in another. The number is the suite: Ed25519, X25519, BLAKE2b-256, XChaCha20-Poly1305,
/// ChaCha20-Poly1305, HKDF-SHA-256, Argon2id. An unknown suite fails closed.
public enum Domain: String, CaseIterable, Sendable {
  case statement = "satchel/1/statement"
  case deviceProof = "satchel/1/device-proof"
  case kitProof = "satchel/1/kit-proof"
  case deviceID = "satchel/1/device-id"
  case spaceID = "satchel/1/space-id"
  case commitPart = "satchel/1/commit-part"
  case commitContent = "satchel/1/commit-content"
  case journal = "satchel/1/journal"
  case journalSignature = "satchel/1/journal-signature"
  case logEntry = "satchel/1/log-entry"
  case log = "satchel/1/log"
  case logHead = "satchel/1/log-head"
  case chainHead = "satchel/1/chain-head"
  case serverCertificate = "satchel/1/server-certificate"
  case session = "satchel/1/session"
  case purgeReport = "satchel/1/purge-report"
  case invitationLookup = "satchel/1/invitation-lookup"
  case invitationAcceptance = "satchel/1/invitation-acceptance"
  case enrolmentLookup = "satchel/1/enrolment-lookup"
  case enrolmentCommitment = "satchel/1/enrolment-commitment"
  case enrolmentRequest = "satchel/1/enrolment-request"
  case enrolmentApproval = "satchel/1/enrolment-approval"
  case enrolmentHeads = "satchel/1/enrolment-heads"
  case shortCode = "satchel/1/short-code"
  case keyFingerprint = "satchel/1/key-fingerprint"
  case headFingerprint = "satchel/1/head-fingerprint"
  case schema = "satchel/1/schema"
  case epochCommitment = "satchel/1/epoch-commitment"
  case stateDigest = "satchel/1/state-digest"
  case emergencyDeposit = "satchel/1/emergency-deposit"

  /// The version of everything that the tags above name.
  public static let suite: UInt64 = 1

  /// What is signed: the tag, a line feed, and the hash of the message under the same tag.
  public func signedString(_ message: [UInt8]) -> [UInt8] {
    Array(rawValue.utf8) + [0x0a] + hash(message).bytes
  }

  public func hash(_ parts: [UInt8]...) -> Digest {
    var hasher = Hasher256(domain: rawValue)
    for part in parts {
      // Lengths make the split between parts part of the hash.
      hasher.update(UInt64(part.count))
      hasher.update(part)
    }
    return hasher.finalize()
  }
}

extension SigningKey {
  public func sign(_ message: [UInt8], _ domain: Domain) -> Signature {
    sign(domain.signedString(message))
  }
}

extension SigningPublicKey {
  public func verify(_ signature: Signature, of message: [UInt8], _ domain: Domain) -> Bool {
    verify(signature, of: domain.signedString(message))
  }
}
