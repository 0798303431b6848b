import CBOR
import Merge
import TestSupport
import Testing

/// A commit that only takes away gets through whatever stands before it.
struct RestrictionTests {
  private static func isRestricting(_ changes: RecordChange...) -> Bool {
    let header = CommitHeader(time: .zero, context: Context(position: .zero))
    return Commit(header: header, changes: changes).isRestricting(in: TestSchema.schema)
  }

  private static let revocation = Decision.client("revoked").change

  @Test(arguments: ["revoked", "declined"]) func takingAwayRestricts(word: String) {
    #expect(Self.isRestricting(Decision.client(word).change))
  }

  @Test(arguments: ["withdrawn", "declined"]) func soDoesAPractitionersWithdrawal(word: String) {
    #expect(Self.isRestricting(Decision.practitioner(word).change))
  }

  @Test func grantingDoesNot() {
    #expect(!Self.isRestricting(Decision.client("approved").change))
    #expect(!Self.isRestricting(Decision.practitioner("accepted").change))
  }

  @Test func itIsACommitOfItsOwn() {
    let other = RecordChange.update(TestSchema.ticket, 1, .open("title", "t"))
    #expect(!Self.isRestricting())
    #expect(!Self.isRestricting(Self.revocation, other))
    #expect(!Self.isRestricting(Self.revocation, Self.revocation))
    #expect(!Self.isRestricting(.update(TestSchema.assignment, 1)))
    let both = RecordChange.update(
      TestSchema.assignment, 1, Decision.client("revoked").write,
      Decision.practitioner("accepted").write)
    #expect(!Self.isRestricting(both))
  }

  @Test func onlyDecisionsRestrict() {
    #expect(!Self.isRestricting(.update(TestSchema.ticket, 1, .open("status", "closed"))))
    #expect(!Self.isRestricting(.update(TestSchema.ticket, 1, .open("labels/urgent", false))))
    #expect(!Self.isRestricting(.delete(TestSchema.ticket, 1)))
    let creation = RecordChange.create(
      TestSchema.assignment, 1, Decision.client("revoked").write)
    #expect(!Self.isRestricting(creation))
    let unknown = RecordChange(
      type: "unheard", record: .numbered(1), operation: .update,
      writes: [Decision.client("revoked").write])
    #expect(!Self.isRestricting(unknown))
  }
}
