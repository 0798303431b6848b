import Sealing
import Signing
import TestSupport
import Testing

/// The outcomes that the vectors name.
enum AgeOutcome: String, CaseIterable {
  case success
  case noMatch = "no match"
  case headerAltered = "HMAC failure"
  case header = "header failure"
  case armor = "armor failure"
  case payload = "payload failure"

  /// `nil` for an error that is none of them.
  init?(_ error: AgeError?) {
    switch error {
    case nil: self = .success
    case .noIdentityMatched: self = .noMatch
    case .headerAltered: self = .headerAltered
    case .armorMalformed: self = .armor
    case .payloadAltered, .payloadTruncated: self = .payload
    case .notAnAgeFile, .unsupportedVersion, .headerMalformed, .workFactorTooHigh: self = .header
    case .keyMalformed, .keyFileMalformed, .weakRecipient, .recipientsNotAllowed, .outOfMemory:
      return nil
    }
  }
}

@Suite(.enabled(if: !AgeVector.all.isEmpty, "\(Vectors.notice)"))
struct AgeVectorTests {
  /// Those whose armor starts with something that is not armor are not recognised as armor.
  static let unrecognised: Set<String> = ["armor_garbage_leading"]

  @Test func noneIsMissing() {
    #expect(AgeVector.all.count >= 80)
    let outcomes = AgeVector.all.compactMap { $0.value("expect") }
    #expect(outcomes.count == AgeVector.all.count)
    // Every outcome occurs, so that none of them is asserted in name only.
    #expect(Set(outcomes.compactMap(AgeOutcome.init(rawValue:))) == Set(AgeOutcome.allCases))
  }

  @Test(arguments: AgeVector.all)
  func outcome(_ vector: AgeVector) throws {
    let file = try vector.file()
    let outcome = try AgeFileRunner.decrypt(
      file, with: vector.identities(), form: vector.form)
    try check(outcome, vector)
  }

  @Test(arguments: AgeVector.all.filter { !$0.name.hasPrefix("scrypt") })
  func outcomeInSmallPieces(_ vector: AgeVector) throws {
    let file = try vector.file()
    guard file.count < 200_000 else { return }
    let outcome = try AgeFileRunner.decrypt(
      file, with: vector.identities(), form: vector.form, pieceByteCount: 61)
    try check(outcome, vector)
  }

  @Test(arguments: AgeVector.all.filter { !unrecognised.contains($0.name) })
  func formIsRecognised(_ vector: AgeVector) throws {
    guard vector.value("compressed") == nil, !vector.name.hasPrefix("scrypt") else { return }
    let outcome = try AgeFileRunner.decrypt(vector.file(), with: vector.identities())
    try check(outcome, vector)
  }

  /// What the header gives, apart from the payload behind it.
  @Test(arguments: AgeVector.all.filter { $0.form == .binary })
  func fileKeyIsTheOneThatIsNamed(_ vector: AgeVector) throws {
    let expected = try #require(vector.value("expect").flatMap(AgeOutcome.init(rawValue:)))
    guard let named = vector.value("file key"), expected == .success || expected == .payload else {
      return
    }
    let fileKey = try AgeHeader(parsing: vector.file()).fileKey(with: vector.identities())
    #expect(fileKey.withBytes { Hex.encode($0.array()) } == named)
  }

  private func check(_ outcome: AgeFileRunner.Outcome, _ vector: AgeVector) throws {
    let expected = try #require(vector.value("expect").flatMap(AgeOutcome.init(rawValue:)))
    #expect(AgeOutcome(outcome.error) == expected)
    if let hash = vector.value("payload") {
      #expect(Hex.encode(Libsodium.sha256(outcome.plaintext)) == hash)
    } else {
      #expect(outcome.plaintext.isEmpty)
    }
  }
}
