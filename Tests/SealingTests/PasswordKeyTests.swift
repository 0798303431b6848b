import Sealing
import Signing
import TestSupport
import Testing

struct PasswordKeyTests {
  private let random = SeededRandom(seed: 121)

  /// Against the reference implementation: `argon2 somesaltsomesalt -id -t 3 -m 16 -p 1 -l 32` with
  /// the password "password".
  @Test func derives() throws {
    let parameters = try PasswordKey.Parameters(
      opsLimit: 3, memoryByteCount: 64 << 20, salt: Array("somesaltsomesalt".utf8))
    let password = SecretBytes(Array("password".utf8))
    let key = try PasswordKey.derive(password: password, parameters: parameters)
    #expect(key.withBytes { Hex.encode($0) } == Self.known)
  }

  private static let known = "7664ad4ba1a3c999fcdd0991ffc2270f78302d2383233db5e7befc85d1bb1819"

  @Test func encodingGoesBothWays() throws {
    let parameters = try PasswordKey.Parameters(
      opsLimit: 7, memoryByteCount: 128 << 20, salt: random.bytes(16))
    #expect(parameters.encoded.count == PasswordKey.Parameters.byteCount)
    #expect(try PasswordKey.Parameters(encoded: parameters.encoded) == parameters)
    let fresh = PasswordKey.Parameters(random: random)
    #expect(fresh.opsLimit == 3)
    #expect(fresh.memoryByteCount == 64 << 20)
    #expect(try PasswordKey.Parameters(encoded: fresh.encoded) == fresh)
  }

  @Test(arguments: [
    (2, 64 << 20, SealingError.weakParameters), (3, (64 << 20) - 1_024, .weakParameters),
    (0, 0, .weakParameters), (-1, 64 << 20, .weakParameters), (17, 64 << 20, .tooLarge),
    (3, (1 << 30) + 1_024, .tooLarge), (3, (64 << 20) + 1, .malformed),
  ])
  func costsOutOfRange(_ opsLimit: Int, _ memoryByteCount: Int, _ expected: SealingError) {
    let salt = random.bytes(16)
    #expect(throws: expected) {
      try PasswordKey.Parameters(
        opsLimit: opsLimit, memoryByteCount: memoryByteCount, salt: salt)
    }
  }

  @Test func foreignEncodings() {
    let good = PasswordKey.Parameters(random: random).encoded
    #expect(throws: SealingError.malformed) { try PasswordKey.Parameters(encoded: []) }
    for count in 1..<good.count {
      #expect(throws: SealingError.malformed) {
        try PasswordKey.Parameters(encoded: Array(good[..<count]))
      }
    }
    #expect(throws: SealingError.malformed) { try PasswordKey.Parameters(encoded: good + [0]) }
    #expect(throws: SealingError.unknownSuite) {
      try PasswordKey.Parameters(encoded: [2] + good.dropFirst())
    }
    let full = [Suite.one] + [UInt8](repeating: 0xff, count: good.count - 1)
    #expect(throws: SealingError.tooLarge) { try PasswordKey.Parameters(encoded: full) }
    let zero = [Suite.one] + [UInt8](repeating: 0, count: good.count - 1)
    #expect(throws: SealingError.weakParameters) { try PasswordKey.Parameters(encoded: zero) }
  }
}
