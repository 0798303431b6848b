import Signing
import SyncProtocol
import Testing

/// What was said in one place cannot be replayed in another.
struct DomainTests {
  private let message = Array("message".utf8)

  @Test func tagsAreDistinctAndOfTheSuite() {
    let tags = Domain.allCases.map(\.rawValue)
    #expect(Set(tags).count == tags.count)
    for tag in tags {
      #expect(tag.hasPrefix("satchel/\(Domain.suite)/"))
      #expect(!tag.utf8.contains(0x0a))
    }
  }

  @Test func signedStringsOfTwoDomainsAreNeverEqual() {
    let strings = Set(Domain.allCases.map { $0.signedString(message) })
    #expect(strings.count == Domain.allCases.count)
    // Nor is one the beginning of another, whatever the message.
    for left in Domain.allCases {
      for right in Domain.allCases where left != right {
        let tag = Array(left.rawValue.utf8) + [0x0a]
        #expect(!right.signedString(message).starts(with: tag))
      }
    }
  }

  @Test func aSignatureIsGoodForItsDomainOnly() {
    let key = Generator.keys[0]
    for signed in Domain.allCases {
      let signature = key.sign(message, signed)
      for domain in Domain.allCases {
        let isValid = key.publicKey.verify(signature, of: message, domain)
        #expect(isValid == (domain == signed))
      }
    }
  }

  @Test func aSignatureIsGoodForItsMessageAndKeyOnly() {
    let signature = Generator.keys[0].sign(message, .statement)
    let key = Generator.keys[0].publicKey
    #expect(!key.verify(signature, of: message + [0], .statement))
    #expect(!Generator.keys[1].publicKey.verify(signature, of: message, .statement))
  }

  @Test func hashesDifferByDomainAndByHowPartsAreCut() {
    let hashes = Set(Domain.allCases.map { $0.hash(message) })
    #expect(hashes.count == Domain.allCases.count)
    let cuts = [
      Domain.log.hash([1, 2], [3]), Domain.log.hash([1], [2, 3]), Domain.log.hash([1, 2, 3]),
      Domain.log.hash([1, 2, 3], []), Domain.log.hash([], [1, 2, 3]), Domain.log.hash(),
    ]
    #expect(Set(cuts).count == cuts.count)
  }
}
