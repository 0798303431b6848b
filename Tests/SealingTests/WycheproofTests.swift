import Signing
import TestSupport
import Testing

@testable import Sealing

@Suite(.enabled(if: Vectors.isPresent("wycheproof"), "\(Vectors.notice)"))
struct WycheproofTests {
  struct Sealed: Decodable {
    let tcId: Int
    let key, iv, aad, msg, ct, tag: HexBytes
    let result: String
  }
  struct Exchange: Decodable {
    let tcId: Int
    let `public`, `private`, shared: HexBytes
    let result: String
    let flags: [String]
  }
  struct Derivation: Decodable {
    let tcId, size: Int
    let ikm, salt, info, okm: HexBytes
    let result: String
  }
  struct Code: Decodable {
    let tcId: Int
    let key, msg, tag: HexBytes
    let result: String
  }
  struct Group<Test: Decodable>: Decodable { let tests: [Test] }
  struct CodeGroup: Decodable {
    let tagSize: Int
    let tests: [Code]
  }

  typealias Seal = (
    UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer,
    UnsafeMutableRawBufferPointer
  ) -> Void
  typealias Open = (
    UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer,
    UnsafeMutableRawBufferPointer
  ) -> Bool

  private func check(_ name: String, nonceByteCount: Int, seal: Seal, open: Open) throws {
    let file = try WycheproofFile<Group<Sealed>>.load(name)
    var count = 0
    for test in file.testGroups.flatMap(\.tests) {
      count += 1
      // Another nonce size cannot be expressed: it is a bug in our code, not an input.
      guard test.iv.bytes.count == nonceByteCount else {
        #expect(test.result == "invalid", "\(test.tcId)")
        continue
      }
      let sealed = test.ct.bytes + test.tag.bytes
      var plaintext = [UInt8](repeating: 0, count: test.msg.bytes.count)
      var again = [UInt8](repeating: 0, count: sealed.count)
      let isOpen = plaintext.withUnsafeMutableBytes { output in
        call(test) { _, key, nonce, aad in
          sealed.withUnsafeBytes { open($0, key, nonce, aad, output) }
        }
      }
      again.withUnsafeMutableBytes { output in
        call(test) { seal($0, $1, $2, $3, output) }
      }
      let isValid = test.result == "valid"
      #expect(isOpen == isValid, "\(test.tcId)")
      #expect((again == sealed) == isValid, "\(test.tcId)")
      if isValid { #expect(plaintext == test.msg.bytes, "\(test.tcId)") }
    }
    #expect(count == file.numberOfTests)
  }

  private func call<Result>(
    _ test: Sealed,
    _ body: (
      UnsafeRawBufferPointer, UnsafeRawBufferPointer, UnsafeRawBufferPointer,
      UnsafeRawBufferPointer
    ) -> Result
  ) -> Result {
    test.msg.bytes.withUnsafeBytes { message in
      test.key.bytes.withUnsafeBytes { key in
        test.iv.bytes.withUnsafeBytes { nonce in
          test.aad.bytes.withUnsafeBytes { body(message, key, nonce, $0) }
        }
      }
    }
  }

  @Test func chaCha20Poly1305() throws {
    try check("chacha20_poly1305", nonceByteCount: 12) {
      ChaCha20Poly1305.seal($0, key: $1, nonce: $2, associatedData: $3, into: $4)
    } open: {
      ChaCha20Poly1305.open($0, key: $1, nonce: $2, associatedData: $3, into: $4)
    }
  }

  @Test func xChaCha20Poly1305() throws {
    try check("xchacha20_poly1305", nonceByteCount: 24) {
      XChaCha20Poly1305.seal($0, key: $1, nonce: $2, associatedData: $3, into: $4)
    } open: {
      XChaCha20Poly1305.open($0, key: $1, nonce: $2, associatedData: $3, into: $4)
    }
  }

  @Test func x25519() throws {
    let file = try WycheproofFile<Group<Exchange>>.load("x25519")
    var count = 0
    for test in file.testGroups.flatMap(\.tests) {
      count += 1
      let publicKey = try #require(ExchangePublicKey(test.public.bytes))
      var shared = [UInt8](repeating: 0, count: 32)
      let isGood = shared.withUnsafeMutableBytes { output in
        test.private.bytes.withUnsafeBytes { X25519.sharedSecret($0, publicKey, into: output) }
      }
      // "Acceptable" leaves it open; ours refuses zero secrets and takes the rest.
      let isZero = test.flags.contains("ZeroSharedSecret")
      #expect(isGood == !isZero, "\(test.tcId)")
      if isGood { #expect(shared == test.shared.bytes, "\(test.tcId)") }
    }
    #expect(count == file.numberOfTests)
  }

  @Test func hkdf() throws {
    let file = try WycheproofFile<Group<Derivation>>.load("hkdf_sha256")
    var count = 0
    for test in file.testGroups.flatMap(\.tests) {
      count += 1
      guard test.size <= HKDF.outputByteCountMax else {
        #expect(test.result == "invalid", "\(test.tcId)")
        continue
      }
      var output = [UInt8](repeating: 0, count: test.size)
      output.withUnsafeMutableBytes { output in
        test.ikm.bytes.withUnsafeBytes { secret in
          test.salt.bytes.withUnsafeBytes { salt in
            test.info.bytes.withUnsafeBytes { info in
              HKDF.derive(secret: secret, salt: salt, info: info, into: output)
            }
          }
        }
      }
      #expect(test.result == "valid", "\(test.tcId)")
      #expect(output == test.okm.bytes, "\(test.tcId)")
    }
    #expect(count == file.numberOfTests)
  }

  @Test func hmac() throws {
    let file = try WycheproofFile<CodeGroup>.load("hmac_sha256")
    var count = 0
    for group in file.testGroups {
      for test in group.tests {
        count += 1
        let code = test.key.bytes.withUnsafeBytes { HMAC.code(for: test.msg.bytes, key: $0) }
        let prefix = Array(code.bytes.prefix(group.tagSize / 8))
        #expect((prefix == test.tag.bytes) == (test.result == "valid"), "\(test.tcId)")
        guard let tag = Digest(test.tag.bytes) else { continue }
        let isValid = test.key.bytes.withUnsafeBytes {
          HMAC.isValid(tag, for: test.msg.bytes, key: $0)
        }
        #expect(isValid == (test.result == "valid"), "\(test.tcId)")
      }
    }
    #expect(count == file.numberOfTests)
  }
}
