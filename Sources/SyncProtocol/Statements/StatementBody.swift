import CBOR
import Merge
import Signing

/// What a statement says. The number in front is on the wire and never changes its meaning.
public enum StatementBody: Hashable, WireCodable {
  case accountCreation(AccountCreation)
  case deviceAddition(DeviceAddition)
  case deviceRevocation(DeviceRevocation)
  /// The keys of a recovery kit, announced: a device on paper.
  case kit(DeviceAddition)
  case chainMerge(ChainMerge)
  /// The account is over: all of its devices are taken out.
  case accountDeletion
  case organisationCreation(OrganisationCreation)
  case organisationMember(OrganisationMember)
  case organisationTeam(OrganisationTeam)
  case organisationType(OrganisationType)
  case organisationEmergencyTeam(OrganisationTeam)
  case teamCreation(TeamCreation)
  case teamProposal(TeamProposal)
  case teamKey(TeamKey)
  case teamAdmission(TeamAdmission)
  case teamRemoval(TeamRemoval)
  case spaceOpening(SpaceOpening)
  case epoch(EpochStatement)
  case engagementEnd

  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .accountCreation(let body): Self.write(0, body, &writer)
    case .deviceAddition(let body): Self.write(1, body, &writer)
    case .deviceRevocation(let body): Self.write(2, body, &writer)
    case .kit(let body): Self.write(3, body, &writer)
    case .chainMerge(let body): Self.write(4, body, &writer)
    case .accountDeletion: Self.write(5, &writer)
    case .organisationCreation(let body): Self.write(10, body, &writer)
    case .organisationMember(let body): Self.write(11, body, &writer)
    case .organisationTeam(let body): Self.write(12, body, &writer)
    case .organisationType(let body): Self.write(13, body, &writer)
    case .organisationEmergencyTeam(let body): Self.write(14, body, &writer)
    case .teamCreation(let body): Self.write(20, body, &writer)
    case .teamProposal(let body): Self.write(21, body, &writer)
    case .teamKey(let body): Self.write(22, body, &writer)
    case .teamAdmission(let body): Self.write(23, body, &writer)
    case .teamRemoval(let body): Self.write(24, body, &writer)
    case .spaceOpening(let body): Self.write(30, body, &writer)
    case .epoch(let body): Self.write(31, body, &writer)
    case .engagementEnd: Self.write(32, &writer)
    }
  }

  private static func write(_ code: UInt64, _ body: some WireCodable, _ writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(code)
    writer.object(body)
  }

  private static func write(_ code: UInt64, _ writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(code)
    writer.null()
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "statement body")
    switch try reader.unsigned() {
    case 0: self = .accountCreation(try reader.object())
    case 1: self = .deviceAddition(try reader.object())
    case 2: self = .deviceRevocation(try reader.object())
    case 3: self = .kit(try reader.object())
    case 4: self = .chainMerge(try reader.object())
    case 5:
      guard try reader.takesNull() else { throw .unexpected("account deletion") }
      self = .accountDeletion
    case 10: self = .organisationCreation(try reader.object())
    case 11: self = .organisationMember(try reader.object())
    case 12: self = .organisationTeam(try reader.object())
    case 13: self = .organisationType(try reader.object())
    case 14: self = .organisationEmergencyTeam(try reader.object())
    case 20: self = .teamCreation(try reader.object())
    case 21: self = .teamProposal(try reader.object())
    case 22: self = .teamKey(try reader.object())
    case 23: self = .teamAdmission(try reader.object())
    case 24: self = .teamRemoval(try reader.object())
    case 30: self = .spaceOpening(try reader.object())
    case 31: self = .epoch(try reader.object())
    case 32:
      guard try reader.takesNull() else { throw .unexpected("engagement end") }
      self = .engagementEnd
    default: throw .unexpected("statement body")
    }
  }
}
