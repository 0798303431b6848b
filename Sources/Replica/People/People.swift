import CBOR
import Merge
import Sealing
import SpaceStore
import SyncProtocol

/// A person as this device knows them.
public struct Person: Hashable, Sendable {
  public let account: AccountID
  public let name: String
  public let role: Role?
  /// Where the name comes from.
  public let source: Source

  public enum Source: String, Sendable {
    case me
    /// Signed by an administrator in the organisation's chain.
    case organisation
    /// What the person says in a profile that they sealed.
    case profile
    /// The name that was given when this device invited them.
    case invitation
    /// No name is known.
    case unknown
  }
}

extension Replica {
  private static var ownNameContext: [UInt8] { Array("satchel/1/own-name".utf8) }

  /// What this account wants to be called; sealed at rest.
  func setOwnName(_ name: String) throws {
    let sealed = try SealedField.seal(
      Array(name.utf8), key: try unlockedKeys().local(),
      epochHint: [UInt8](repeating: 0, count: SealedField.epochHintByteCount),
      associatedData: Self.ownNameContext, random: environment.random)
    try settings.set(.ownName, sealed)
  }

  func ownName() throws -> String? {
    guard let keys, let sealed = try settings.bytes(.ownName) else { return nil }
    let bytes = try SealedField.open(
      sealed, key: try keys.local(), associatedData: Self.ownNameContext)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Everybody that this device has met, by name where one is known, sorted by name.
  public func people() throws -> [Person] {
    var people: [AccountID: Person] = [:]
    for case .account(let account) in try chains.references() {
      people[account] = Person(
        account: account, name: String(account.hex.prefix(8)), role: nil, source: .unknown)
    }
    for (account, name, role) in try invitedNames() {
      people[account] = Person(account: account, name: name, role: role, source: .invitation)
    }
    for (account, name) in try profileNames() {
      people[account] = Person(
        account: account, name: name, role: people[account]?.role, source: .profile)
    }
    for case .organisation(let id) in try chains.references() {
      guard let chain = try chains.organisationChain(id) else { continue }
      for (account, member) in chain.members {
        let known = people[account]
        people[account] = Person(
          account: account, name: member.name ?? known?.name ?? String(account.hex.prefix(8)),
          role: member.role,
          source: member.name == nil ? known?.source ?? .unknown : .organisation)
      }
    }
    if let name = try ownName() {
      people[identity.account] = Person(
        account: identity.account, name: name, role: identity.role, source: .me)
    }
    return people.values.sorted { ($0.name, $0.account) < ($1.name, $1.account) }
  }

  /// The account that a name, or the beginning of an account id, means.
  public func person(named name: String) throws -> AccountID {
    let everybody = try people()
    let byName = everybody.filter { $0.name.lowercased() == name.lowercased() }
    let byID = everybody.filter { name.count >= 6 && $0.account.hex.hasPrefix(name.lowercased()) }
    let byPart = everybody.filter { $0.name.lowercased().contains(name.lowercased()) }
    for found in [byName, byID, byPart] where !found.isEmpty {
      guard found.count == 1 else {
        throw ReplicaError.ambiguous(
          name, found.map { "\(markedName($0.account)) (\($0.account.hex.prefix(8)))" })
      }
      return found[0].account
    }
    throw ReplicaError.notFound("person called \(name)")
  }

  public func personName(_ account: AccountID) -> String {
    if let known = nameCache[account] { return known }
    do {
      for person in try people() { nameCache[person.account] = person.name }
    } catch {
      // Without names people are shown by the beginning of their id.
      return String(account.hex.prefix(8))
    }
    return nameCache[account] ?? String(account.hex.prefix(8))
  }

  /// Profiles in engagements, opened; each counts only for the account that wrote it.
  private func profileNames() throws -> [(AccountID, String)] {
    guard keys != nil, let type = store.schema.type("profile") else { return [] }
    let rows = try database.rows("SELECT space, record, account FROM profile") {
      ($0.integer(0), $0.blob(1), $0.blob(2))
    }
    var result: [(AccountID, String)] = []
    for (number, recordBytes, accountBytes) in rows {
      guard let record = RecordID(recordBytes), let account = AccountID(accountBytes),
        let space = try spaceID(number)
      else { continue }
      let key = RowKey(space: number, type: type.name, record: record)
      guard let shown = try store.tables.shownState(key).registers["name"],
        let winner = type.field("name")?.winner(of: shown, in: type),
        let sealed = winner.value.bytes
      else { continue }
      let author = winner.authorship.origin.replica.device
      guard try chains.device(author)?.account == account else { continue }
      do {
        let name = try unseal(
          sealed, space: space, type: type.name, record: record, key: "name", author: author)
        if let text = name?.text { result.append((account, text)) }
      } catch ReplicaError.cannotOpen {
        // One person's profile must not keep everybody else from being named, and revoked.
        continue
      }
    }
    return result
  }

  func spaceID(_ number: Int64) throws -> SpaceID? {
    try database.first("SELECT id FROM space WHERE number = ?", .integer(number)) {
      SpaceID($0.blob(0))
    } ?? nil
  }
}
