import Merge
import Schemas
import Signing
import SyncProtocol
import TestSupport
import Testing

/// An organisation's record types in its chain: everybody who reduces it checks the files.
@Suite struct OrganisationTypeTests {
  private let founder: TestAccount
  private let nurse: TestAccount
  private let creation: SignedStatement
  private var chain: OrganisationChain

  init() throws {
    founder = try TestAccount(1)
    nurse = try TestAccount(2)
    creation = OrganisationChainTests.creation(founder)
    chain = try OrganisationChain(first: creation, isSigned: true)
  }

  private var name: String { "x_visit" + OrganisationTypeCheck.ending(of: chain.id) }

  private func file(_ fields: String = "", name: String? = nil) -> [UInt8] {
    Array(
      """
      {
        "type": "\(name ?? self.name)", "space": "casework", "concurrent_delete": "delete_wins",
        "history": "compact",
        "fields": { \(fields) "room": { "kind": "text", "rule": "latest" } },
        "create": ["staff"], "delete": ["staff"]
      }
      """.utf8)
  }

  private let floor = #""floor": { "kind": "integer", "rule": "latest" },"#

  private func statement(_ file: [UInt8], by author: TestAccount? = nil) -> SignedStatement {
    (author ?? founder).sign(
      .chain(.organisation(chain.id)), index: chain.head.index + 1, previous: chain.head.hash,
      .organisationType(OrganisationType(file: file)))
  }

  private func refuses(_ error: ChainError, _ signed: SignedStatement, isSigned: Bool = true) {
    var chain = chain
    #expect(throws: error) { try chain.append(signed, isSigned: isSigned) }
    #expect(chain == self.chain)
  }

  @Test mutating func anAdministratorDeclaresATypeAndItsNextVersion() throws {
    let first = statement(file())
    try chain.append(first, isSigned: true)
    #expect(chain.types[name]?.point == first.point)
    let second = statement(file(floor))
    try chain.append(second, isSigned: true)
    #expect(chain.types.count == 1)
    #expect(chain.types[name]?.type.field("floor") != nil)
    refuses(.unexpected, statement(file()))
  }

  @Test func whatDoesNotFitDoesNotStand() {
    refuses(.unexpected, statement(Array("{}".utf8)))
    refuses(.unexpected, statement(file(name: "x_visit_0123456789abcdef")))
    refuses(.notAllowed, statement(file(), by: nurse))
    refuses(.badSignature, statement(file()), isSigned: false)
  }

  @Test mutating func thereAreSoManyVersions() throws {
    for number in 0..<OrganisationTypeCheck.versionCountMax {
      let spaces = [UInt8](repeating: 0x20, count: number)
      try chain.append(statement(file() + spaces), isSigned: true)
    }
    refuses(.unexpected, statement(file(floor)))
  }

  @Test func aSpacesLogNamesIt() throws {
    let signed = statement(file())
    var source = Directory([founder])
    source.statements[.organisation(chain.id)] = [creation, signed]
    let fact = try FactResolver(space: .numbered(1), source: source).fact(
      .authority(.chain(.organisation(chain.id), signed.point)))
    guard case .typePinned(let pinned) = fact else {
      Issue.record("\(fact)")
      return
    }
    #expect(pinned.organisation == chain.id)
    #expect(pinned.type.name == name)
    #expect(pinned.file == file())
    #expect(pinned.index == 1)
    #expect(pinned.hash.bytes == signed.hash.bytes)
  }
}
