import Signing
import TestSupport
import Testing

@testable import Sealing

struct KeyTests {
  private let random = SeededRandom(seed: 141)

  @Test func sizesAreChecked() {
    for byteCount in [0, 15, 17, 31, 33] {
      let bytes = random.bytes(byteCount)
      #expect(ExchangeKey(secret: SecretBytes(bytes)) == nil)
      #expect(SymmetricKey(copying: SecretBytes(bytes)) == nil)
      #expect(bytes.withUnsafeBytes { SymmetricKey(copying: $0) } == nil)
      #expect(FileKey(copying: SecretBytes(bytes)) == nil)
      #expect(bytes.withUnsafeBytes { FileKey(copying: $0) } == nil)
    }
  }

  @Test func copiesAreTheSameKey() throws {
    let exchange = ExchangeKey(random: random)
    let copy = try #require(exchange.withSecret { ExchangeKey(secret: $0) })
    #expect(copy.publicKey == exchange.publicKey)
    let symmetric = SymmetricKey(random: random)
    let bytes = symmetric.withBytes { Array($0) }
    let again = try #require(bytes.withUnsafeBytes { SymmetricKey(copying: $0) })
    #expect(again.withBytes { Array($0) } == bytes)
  }

  @Test func subKeysDiffer() {
    let key = SymmetricKey(random: random)
    let first = key.subKey(info: "a").withBytes { Array($0) }
    let second = key.subKey(info: "b").withBytes { Array($0) }
    #expect(first != second)
    #expect(first == key.subKey(info: "a").withBytes { Array($0) })
    #expect(first != key.withBytes { Array($0) })
  }

  @Test func comparison() {
    #expect(ConstantTime.areEqual([], []))
    #expect(ConstantTime.areEqual([1, 2], [1, 2]))
    #expect(!ConstantTime.areEqual([1, 2], [1, 3]))
    #expect(!ConstantTime.areEqual([1, 2], [1, 2, 3]))
  }
}
