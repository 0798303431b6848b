import CBOR
import Merge
import Signing
import SyncProtocol
import Testing

/// What an epoch's statement leaves out where there is none of it.
@Suite struct EpochStatementTests {
  private let seal = EpochStatement.Seal(epoch: EpochID(Digest.zero), hash: .zero)

  /// The number of fields, which is the first byte.
  private func fieldCount(_ statement: EpochStatement) -> UInt8? {
    statement.encoded.first.map { $0 & 0x1f }
  }

  @Test func whatThereIsNotIsLeftOut() {
    #expect(fieldCount(EpochStatement(commitment: .zero, wraps: [])) == 2)
    #expect(fieldCount(EpochStatement(commitment: .zero, wraps: [], predecessor: .zero)) == 3)
    #expect(fieldCount(EpochStatement(commitment: .zero, wraps: [], furtherSeals: [seal])) == 4)
  }

  @Test func furtherSealsComeBackWithAndWithoutAPredecessor() throws {
    for predecessor in [nil, Digest.zero] {
      let statement = EpochStatement(
        commitment: .zero, wraps: [], predecessor: predecessor, furtherSeals: [seal])
      #expect(try EpochStatement(decoding: statement.encoded) == statement)
      #expect(statement.seals.count == (predecessor == nil ? 1 : 2))
    }
  }

  @Test func anEmptyListIsRefused() {
    var writer = CBORWriter()
    writer.array(count: 4)
    writer.octets(Digest.zero)
    writer.array(count: 0)
    writer.octets(Digest.zero)
    writer.array(count: 0)
    let bytes = writer.bytes
    #expect(throws: WireError.unexpected("epoch seals")) { try EpochStatement(decoding: bytes) }
  }
}
