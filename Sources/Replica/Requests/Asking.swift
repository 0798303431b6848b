import CBOR
import Merge
import SyncProtocol

extension Replica {
  /// Asks a client for access. Works offline, and while the consent has run out.
  ///
  /// - Parameters:
  ///   - name: what is wanted: the name of a file that was shared once, or anything that the client will
  ///     understand; `nil` where the reason says it.
  ///   - reason: why; nothing is asked without one (requirement A1).
  /// - Throws: ``AccessDenial``, ``ReplicaError/notReady(_:)``: what stands in the way.
  @discardableResult
  public func requestAccess(
    to client: AccountID, name: String? = nil, reason: String
  ) throws -> RecordID {
    guard reason.contains(where: { !$0.isWhitespace }) else {
      throw ReplicaError.badInput("a request needs a reason")
    }
    let space = try engagementToAsk(in: client)
    let known = try name.flatMap { name in
      try shares(in: space).last { try shareName($0) == name || $0.id.hex.hasSuffix(name) }
    }
    var writes = [
      Draft.Write("reason", .text(reason)),
      Draft.Write("state", Self.state(.requested)),
    ]
    if let known { writes.append(Draft.Write("file", .bytes(known.file.bytes))) }
    if let name {
      writes.append(Draft.Write("name", .text(try known.map { try shareName($0) } ?? name)))
    }
    let id = TimeOrderedID.make(RecordID.self, environment)
    try transaction {
      try write(Draft([Draft.Change(.create, Self.requestType, id, writes)]), in: space)
      try audit(.request, id, in: space, .granted)
    }
    return id
  }

  /// - Throws: why nobody can be asked.
  private func engagementToAsk(in client: AccountID) throws -> SpaceID {
    if let space = try engagement(with: client) {
      let role = try store.state(space).role(of: identity.account)
      guard role == .practitioner || role == .family else {
        throw ReplicaError.badInput("only a practitioner or family caregiver asks for access")
      }
      return space
    }
    let assignment = try assignments().last {
      $0.client == client && $0.practitioner == identity.account
    }
    let name = personName(client)
    switch assignment?.state.status {
    case .revoked?, .declined?:
      throw ReplicaError.badInput(
        "the engagement with \(name) has ended; "
          + (assignment?.isFamily == true
            ? "they have to allow it again before you can ask"
            : "an administrator has to assign again, and both sides to agree, before you can ask"))
    case .pending?:
      throw ReplicaError.notReady("not both sides have agreed yet")
    case .active?, .expired?:
      throw ReplicaError.notReady("the engagement with \(name) is not open here yet")
    case nil:
      throw ReplicaError.badInput("no administrator has assigned you to \(name)")
    }
  }

  /// Takes a request back that has no answer yet.
  public func withdraw(_ request: AccessRequest) throws {
    guard request.practitioner == identity.account else {
      throw ReplicaError.badInput("only who asked takes a request back")
    }
    try step(request, to: .withdrawn)
  }

  static func state(
    _ state: AccessRequest.State, untilMilliseconds: UInt64? = nil
  ) -> CBORValue {
    let until: [(key: CBORValue, value: CBORValue)] =
      untilMilliseconds.map { [(.text("until"), .unsigned($0))] } ?? []
    return .map(CBORMap([(.text("state"), .text(state.rawValue))] + until))
  }

  /// - Parameter message: sealed; of the client only.
  func step(
    _ request: AccessRequest, to state: AccessRequest.State, untilMilliseconds: UInt64? = nil,
    message: String? = nil
  ) throws {
    guard let record = try shownRecord(Self.requestType, request.id, in: request.space) else {
      throw ReplicaError.notFound("request \(request.shortID)")
    }
    var writes = [
      Draft.Write(
        "state", Self.state(state, untilMilliseconds: untilMilliseconds),
        shown: record.shownOrigins("state"))
    ]
    if let message { writes.append(Draft.Write("message", .text(message))) }
    try write(
      Draft([Draft.Change(.update, Self.requestType, request.id, writes)]), in: request.space)
  }
}
