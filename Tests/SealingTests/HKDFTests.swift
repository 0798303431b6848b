import Signing
import Testing

@testable import Sealing

struct HKDFTests {
  private let secret = [UInt8](repeating: 0x0b, count: 22)

  private func derive(_ byteCount: Int, info: [UInt8], salt: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: byteCount)
    output.withUnsafeMutableBytes { output in
      secret.withUnsafeBytes { secret in
        salt.withUnsafeBytes { salt in
          info.withUnsafeBytes {
            HKDF.derive(secret: secret, salt: salt, info: $0, into: output)
          }
        }
      }
    }
    return output
  }

  /// RFC 5869, appendix A.1.
  @Test func firstTestOfTheSpecification() {
    let output = derive(42, info: Array(0xf0...0xf9), salt: Array(0x00...0x0c))
    let known =
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    #expect(Hex.encode(output) == known)
  }

  @Test func aShorterOutputIsABeginning() {
    let longest = derive(HKDF.outputByteCountMax, info: [1], salt: [])
    for byteCount in [0, 1, 31, 32, 33, 64, 100] {
      #expect(longest.starts(with: derive(byteCount, info: [1], salt: [])))
    }
    #expect(longest[..<32] != longest[(longest.count - 32)...])
  }

  @Test func anEmptySaltIsThirtyTwoZeros() {
    let zeros = [UInt8](repeating: 0, count: 32)
    #expect(derive(40, info: [], salt: []) == derive(40, info: [], salt: zeros))
  }

  @Test func infoKeepsPurposesApart() {
    let first = secret.withUnsafeBytes { HKDF.derive(secret: $0, info: "a").array() }
    let second = secret.withUnsafeBytes { HKDF.derive(secret: $0, info: "b").array() }
    #expect(first == derive(32, info: Array("a".utf8), salt: []))
    #expect(first != second)
  }
}
