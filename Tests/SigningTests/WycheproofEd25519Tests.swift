import Foundation
import Signing
import TestSupport
import Testing

@Suite struct WycheproofEd25519Tests {
  struct File: Decodable {
    struct Group: Decodable {
      struct Key: Decodable { let pk: String }
      struct Case: Decodable {
        let tcId: Int
        let comment: String
        let msg: String
        let sig: String
        let result: String
      }
      let publicKey: Key
      let tests: [Case]
    }
    let numberOfTests: Int
    let testGroups: [Group]
  }

  @Test(.enabled(if: Vectors.isPresent("wycheproof"), "\(Vectors.notice)"))
  func everyVectorHasItsResult() throws {
    let data = try Vectors.data("wycheproof/ed25519_test.json")
    let file = try JSONDecoder().decode(File.self, from: data)
    var count = 0
    for group in file.testGroups {
      let key = try #require(SigningPublicKey(hex: group.publicKey.pk))
      for test in group.tests {
        let message = try #require(Hex.decode(test.msg))
        let isValid = Signature(hex: test.sig).map { key.verify($0, of: message) } ?? false
        #expect(isValid == (test.result == "valid"), "vector \(test.tcId): \(test.comment)")
        count += 1
      }
    }
    #expect(count == file.numberOfTests)
    #expect(count > 100)
  }
}
