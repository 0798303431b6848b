import CBOR
import Merge
import Signing
import SyncProtocol

extension Generator {
  mutating func chainPoint() -> ChainPoint { ChainPoint(index: index(), hash: octets()) }

  mutating func chainReference() -> ChainReference {
    switch count(2) {
    case 0: .account(id())
    case 1: .organisation(id())
    default: .team(id())
    }
  }

  mutating func chainHead() -> SignedChainHead {
    SignedChainHead(
      chain: chainReference(), point: chainPoint(), timeMilliseconds: milliseconds(), key: key())
  }

  mutating func certificate() -> DeviceCertificate {
    DeviceCertificate(identity: octets(), exchange: octets(), transport: octets())
  }

  mutating func serverCertificate() -> ServerCertificate {
    ServerCertificate(identity: key(), log: octets(), checkpoint: octets())
  }

  mutating func accountCreation() -> AccountCreation {
    AccountCreation(accountKey: octets(), device: certificate(), accountKeyWrap: octets())
  }

  mutating func deviceAddition() -> DeviceAddition {
    DeviceAddition(device: certificate(), proof: octets(), accountKeyWrap: octets())
  }

  mutating func organisationCreation() -> OrganisationCreation {
    OrganisationCreation(name: text(200), accountHead: chainPoint())
  }

  mutating func organisationMember() -> OrganisationMember {
    OrganisationMember(
      account: id(), accountHead: chainPoint(), role: random.pick(Role.allCases),
      name: maybe { $0.text(200) })
  }

  mutating func organisationTeam() -> OrganisationTeam { OrganisationTeam(team: id()) }

  mutating func organisationType() -> OrganisationType {
    OrganisationType(file: random.bytes(count(300)))
  }

  mutating func teamCreation() -> TeamCreation {
    TeamCreation(organisation: id(), name: text(200))
  }

  mutating func teamProposal() -> TeamProposal {
    TeamProposal(account: id(), accountHead: chainPoint())
  }

  mutating func teamKey() -> TeamKey {
    TeamKey(
      generation: index(), key: octets(),
      wraps: many(3) {
        TeamKey.Wrap(account: $0.id(), keyGeneration: $0.generation(), hash: $0.octets())
      }, predecessor: maybe { $0.octets() })
  }

  private mutating func generation() -> UInt64 { count(2) == 0 ? index() : 0 }

  mutating func deviceRevocation() -> DeviceRevocation {
    DeviceRevocation(
      device: id(), accountKey: octets(), predecessor: octets(),
      wraps: many(3) { DeviceRevocation.Wrap(device: $0.id(), hash: $0.octets()) },
      waiting: maybe { $0.kitWaiting() })
  }

  mutating func kitWaiting() -> KitWaiting {
    KitWaiting(announced: chainHead(), present: chainHead())
  }

  mutating func kitCode() -> KitCode {
    KitCode(
      server: octets(), url: text(512), account: id(), announced: chainPoint(), role: .client,
      organisation: maybe { $0.id() }, name: maybe { $0.text(200) })
  }

  mutating func teamRemoval() -> TeamRemoval { TeamRemoval(account: id()) }

  mutating func teamAdmission() -> TeamAdmission {
    TeamAdmission(
      account: id(), accountHead: chainPoint(), wrap: octets(), keyGeneration: generation())
  }

  mutating func spaceMember() -> SpaceOpening.Member {
    SpaceOpening.Member(
      account: id(), role: random.pick(Role.allCases), accountHead: chainPoint())
  }

  mutating func spaceOpening() -> SpaceOpening {
    SpaceOpening(
      kind: random.pick(SpaceKind.allCases), members: many(3) { $0.spaceMember() },
      team: maybe { $0.id() }, organisation: maybe { $0.id() }, assignment: maybe { $0.id() },
      approval: maybe { $0.origin() })
  }

  mutating func epoch() -> EpochStatement {
    EpochStatement(
      commitment: octets(),
      wraps: many(3) {
        EpochStatement.Wrap(
          recipient: $0.id(), keyGeneration: $0.generation(), hash: $0.octets())
      }, predecessor: maybe { $0.octets() },
      furtherSeals: many(2) { EpochStatement.Seal(epoch: $0.id(), hash: $0.octets()) })
  }

  mutating func statementBody() -> StatementBody {
    switch count(18) {
    case 0: .accountCreation(accountCreation())
    case 1: .deviceAddition(deviceAddition())
    case 2: .organisationCreation(organisationCreation())
    case 3: .organisationMember(organisationMember())
    case 4: .teamCreation(teamCreation())
    case 5: .teamProposal(teamProposal())
    case 6: .teamKey(teamKey())
    case 7: .teamAdmission(teamAdmission())
    case 8: .spaceOpening(spaceOpening())
    case 9: .epoch(epoch())
    case 10: .organisationTeam(organisationTeam())
    case 11: .deviceRevocation(deviceRevocation())
    case 12: .teamRemoval(teamRemoval())
    case 13: .organisationType(organisationType())
    case 14: .kit(deviceAddition())
    case 15: .chainMerge(ChainMerge(abandoned: chainHead()))
    case 16: .accountDeletion
    case 17: .organisationEmergencyTeam(organisationTeam())
    default: .engagementEnd
    }
  }

  mutating func statementSubject() -> StatementSubject {
    switch count(2) {
    case 0: .newChain
    case 1: .chain(chainReference())
    default: .space(id())
    }
  }

  mutating func statement() -> Statement {
    Statement(
      subject: statementSubject(), index: index(), previous: maybe { $0.octets() },
      account: maybe { $0.id() }, device: id(), timeMilliseconds: milliseconds(),
      body: statementBody())
  }

  mutating func signedStatement() -> SignedStatement { SignedStatement(statement(), key: key()) }
}
