import Merge
import Simulation
import Testing

@testable import Replica

/// The gate before shared files, as a table.
struct SharesAccessTests {
  private static let hour: UInt64 = 3_600_000
  private static let now: UInt64 = 1000 * hour

  private func access(
    isRevoked: Bool = false, until: UInt64? = nil,
    permissions: [Permission] = [.viewFiles, .downloadFiles], consent: ConsentStatus = .active,
    consentPermissions: [Permission] = [.viewFiles, .downloadFiles, .addNotes],
    consentUntil: UInt64? = nil, isEnded: Bool = false, renewed: UInt64? = now
  ) -> ShareAccess {
    ShareAccess(
      isRevoked: isRevoked, untilMilliseconds: until, permissions: permissions, consent: consent,
      consentTerms: ConsentTerms(
        permissions: consentPermissions, untilMilliseconds: consentUntil),
      isEnded: isEnded, renewedMilliseconds: renewed)
  }

  private func denial(_ access: ShareAccess, _ permission: Permission = .viewFiles) -> AccessDenial?
  {
    access.denial(of: permission, nowMilliseconds: Self.now)
  }

  @Test func grantsWhatBothSidesAllow() {
    #expect(denial(access()) == nil)
    #expect(denial(access(), .downloadFiles) == nil)
    #expect(denial(access(until: Self.now + 1, consentUntil: Self.now + 1)) == nil)
  }

  @Test func needsThePermissionOnBothSides() {
    #expect(denial(access(), .addNotes) == .permissionMissing(.addNotes))
    let narrowed = access(consentPermissions: [.viewFiles])
    #expect(denial(narrowed, .downloadFiles) == .permissionMissing(.downloadFiles))
    #expect(denial(narrowed) == nil)
    #expect(denial(access(permissions: [])) == .permissionMissing(.viewFiles))
  }

  @Test func endsWithTheShare() {
    #expect(denial(access(isRevoked: true)) == .shareRevoked)
    #expect(denial(access(until: Self.now)) == .shareExpired(Self.now))
  }

  @Test(arguments: [ConsentStatus.pending, .declined, .revoked, .expired])
  func endsWithTheConsent(status: ConsentStatus) {
    #expect(denial(access(consent: status)) == .consentInactive(status))
  }

  @Test func endsWithTheEngagementAndTheConsentsTime() {
    #expect(denial(access(isEnded: true)) == .engagementEnded)
    #expect(denial(access(consentUntil: Self.now)) == .consentInactive(.expired))
  }

  @Test func endsWithTheLease() {
    let lease = ShareAccess.leaseMilliseconds
    #expect(lease == 72 * Self.hour)
    #expect(denial(access(renewed: Self.now - lease + 1)) == nil)
    #expect(denial(access(renewed: Self.now - lease)) == .leaseOver)
    #expect(denial(access(renewed: nil)) == .leaseOver)
  }

  @Test func worksOfflineUntilTheEarliestEnd() {
    let lease = Self.now + ShareAccess.leaseMilliseconds
    #expect(access().offlineUntilMilliseconds == lease)
    #expect(access(until: Self.now + 5).offlineUntilMilliseconds == Self.now + 5)
    #expect(
      access(until: Self.now + 5, consentUntil: Self.now + 4).offlineUntilMilliseconds
        == Self.now + 4)
  }

  @Test func explainsEveryDenial() {
    let all: [AccessDenial] = [
      .consentInactive(.expired), .consentInactive(.revoked), .engagementEnded, .shareRevoked,
      .shareExpired(1), .permissionMissing(.addNotes), .leaseOver, .notFromClient,
    ]
    #expect(Set(all.map(\.explanation)).count == all.count)
    #expect(Set(all.map(\.code)).count == all.count)
  }
}
