import Merge
import Schemas
import SyncProtocol

/// A record type that an organisation has declared, in its present version.
public struct DeclaredType: Hashable, Sendable {
  public let type: RecordType
  /// The hash of the statement that declared it.
  public let version: [UInt8]
  /// Whether a space of this device has it, so that records can be made.
  public let isInUse: Bool
}

/// Record types of an organisation (design §5): signed by an administrator, checked by everybody who
/// reads the chain, and used in the spaces whose log names them.
extension Replica {
  /// Declares a record type of the organisation, or the next version of one.
  ///
  /// - Parameter file: a schema file, at most 64 KiB; the server reads it too.
  /// - Returns: the type's name.
  /// - Throws: ``ReplicaError/badInput(_:)`` with all that is wrong with the file.
  public func declareType(_ file: [UInt8], _ transport: any Transport) throws -> String {
    guard let organisation = try ownOrganisation(), identity.role == .admin else {
      throw ReplicaError.badInput("only an administrator of an organisation declares record types")
    }
    var report = SyncReport()
    let connection = try connect(transport, &report)
    try fetchChain(.organisation(organisation), connection)
    guard let chain = try chains.organisationChain(organisation) else {
      throw ReplicaError.notReady("the organisation's chain has not arrived")
    }
    switch chain.typeCheck.check(file) {
    case .problems(let problems):
      throw ReplicaError.badInput(
        problems.map { "\($0); \($0.advice)" }.joined(separator: "\n"))
    case .fits(let type):
      try append(
        .organisationType(OrganisationType(file: file)), to: .organisation(organisation),
        wraps: [], connection)
      return type.name
    }
  }

  /// The organisation's record types, as far as this device has its chain, sorted by name.
  public func declaredTypes() throws -> [DeclaredType] {
    guard let organisation = try ownOrganisation(),
      let chain = try chains.organisationChain(organisation)
    else { return [] }
    return chain.types.sorted { $0.key < $1.key }.map { name, declared in
      DeclaredType(
        type: declared.type, version: declared.point.hash.bytes,
        isInUse: store.schema.type(name) != nil)
    }
  }

  /// With what the names of the organisation's types end; `nil` where there is no organisation.
  public func declaredTypeEnding() throws -> String? {
    try ownOrganisation().map { OrganisationTypeCheck.ending(of: $0) }
  }
}
