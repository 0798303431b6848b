import Sealing
import Terminal

/// What an age file's faults are to a person. Each has its own words: who opens a file has to know
/// whether it is another file, another key, or an attack.
extension AgeError {
  var failure: Failure { Failure(explanation, hint: hint) }

  private var explanation: String {
    switch self {
    case .notAnAgeFile: "this is not an age file"
    case .unsupportedVersion: "this age file is of a version that is not known here"
    case .armorMalformed: "the armor of the age file is damaged"
    case .headerMalformed: "the header of the age file is damaged or cut short"
    case .workFactorTooHigh: "the age file asks for more work for its passphrase than is allowed"
    case .noIdentityMatched: "nothing that was given opens this age file"
    case .headerAltered: "the header of the age file was altered"
    case .payloadAltered: "the content of the age file was altered, or cut short"
    case .payloadTruncated: "the content of the age file is cut short: its end is missing"
    case .keyMalformed: "this is no X25519 key of age"
    case .keyFileMalformed(let line): "line \(line) of a file of keys cannot be read"
    case .weakRecipient: "a recipient is of low order: anybody could open the file"
    case .recipientsNotAllowed:
      "an age file has between 1 and \(AgeHeader.stanzaCountMax) recipients, or a passphrase"
    case .outOfMemory: "there is not enough memory for the passphrase's work"
    }
  }

  private var hint: String? {
    switch self {
    case .notAnAgeFile:
      "it would begin with age-encryption.org/v1, or in armor with "
        + "-----BEGIN AGE ENCRYPTED FILE-----"
    case .unsupportedVersion: "open it with a newer program"
    case .armorMalformed: "copy all of it, from its first line to its last"
    case .headerMalformed: "get the file again"
    case .workFactorTooHigh: "it would take longer than half a minute"
    case .noIdentityMatched:
      "-i takes the key file of one of its recipients, --passphrase-file what it was sealed with"
    case .headerAltered, .payloadAltered:
      "somebody or something changed it after it was made; get it again from where it came from"
    case .payloadTruncated: "get the file again"
    default: nil
    }
  }
}
