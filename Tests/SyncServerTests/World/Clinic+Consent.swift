import CBOR
import Merge
import Signing
import SyncProtocol

@testable import SyncServer

extension Clinic {
  /// An assignment of the practitioner to the client.
  struct Assignment {
    let space: SpaceID
    let record: RecordID
  }

  static let permissions = ["add_notes", "download_files", "view_files"]

  func terms(_ permissions: [String] = Clinic.permissions, until: UInt64? = nil) -> CBORValue {
    decision(nil, permissions, until: until)
  }

  func decision(
    _ word: String?, _ permissions: [String]? = Clinic.permissions, until: UInt64? = nil
  ) -> CBORValue {
    var entries: [(key: CBORValue, value: CBORValue)] = []
    if let word { entries.append((.text("decision"), .text(word))) }
    if let permissions {
      entries.append((.text("permissions"), .array(permissions.map { .text($0) })))
    }
    if let until { entries.append((.text("until"), .unsigned(until))) }
    return .map(CBORMap(entries))
  }

  func assignmentOpening(_ space: SpaceID) throws -> SignedStatement {
    let opening = SpaceOpening(
      kind: .assignment,
      members: [
        try world.member(admin.account, .admin),
        try world.member(practitioner.account, .practitioner),
        try world.member(client.account, .client),
      ], organisation: organisation)
    return admin.sign(.spaceOpening(opening), .space(space))
  }

  func assign() throws -> Assignment {
    let assignment = Assignment(space: newSpace(), record: newRecord())
    let opening = try assignmentOpening(assignment.space)
    _ = try admin.push(assignment.space, [.statement(opening)])
    try admin.write(
      assignment.space,
      [
        RecordChange(
          type: "assignment", record: assignment.record, operation: .create,
          writes: [
            FieldWrite(key: "practitioner", value: .bytes(practitioner.account.bytes)),
            FieldWrite(key: "client", value: .bytes(client.account.bytes)),
            FieldWrite(key: "organisation", value: .bytes(organisation.bytes)),
            FieldWrite(key: "terms", value: terms()),
          ])
      ])
    return assignment
  }

  /// The two sides' decisions name what they were shown: the last decision of the same side.
  @discardableResult
  func decide(
    _ assignment: Assignment, by device: TestDevice, _ value: CBORValue, shown: [Origin] = []
  ) throws -> PushVerdict {
    let key = device === client ? "client_decision" : "practitioner_decision"
    return try device.write(
      assignment.space,
      [
        RecordChange(
          type: "assignment", record: assignment.record, operation: .update,
          writes: [FieldWrite(key: key, value: value, shown: shown)])
      ])
  }

  /// An engagement that rests on both decisions.
  struct Engagement {
    let assignment: Assignment
    let space: SpaceID
    let approval: Origin
    let epoch: SignedStatement
  }

  func engagementOpening(
    _ space: SpaceID, _ assignment: Assignment, _ approval: Origin
  ) throws -> SignedStatement {
    let opening = SpaceOpening(
      kind: .engagement,
      members: [
        try world.member(client.account, .client),
        try world.member(practitioner.account, .practitioner),
      ], assignment: assignment.space, approval: approval)
    return client.sign(.spaceOpening(opening), .space(space))
  }

  func engage(
    _ permissions: [String] = Clinic.permissions, until: UInt64? = nil
  ) throws -> Engagement {
    let assignment = try assign()
    try decide(assignment, by: practitioner, decision("accepted"))
    try decide(assignment, by: client, decision("approved", permissions, until: until))
    return try engage(assignment)
  }

  func engage(_ assignment: Assignment) throws -> Engagement {
    let approval = client.lastOrigin(assignment.space)
    let space = SpaceID.engagement(assignment: assignment.space, approval: approval)
    let opening = try engagementOpening(space, assignment, approval)
    let epoch = try epoch(
      space, by: client, for: [client.account.bytes, practitioner.account.bytes])
    let verdicts = try client.push(space, [.statement(opening), .statement(epoch)])
    for case .refused(_, let refusal) in verdicts { throw refusal }
    return Engagement(assignment: assignment, space: space, approval: approval, epoch: epoch)
  }

  // MARK: Shares

  struct Share {
    let record: RecordID
    let wrap: [UInt8]
    let blobs: [[UInt8]]
    var hash: Digest { Hasher256.content(wrap) }
  }

  func access(
    _ state: String, _ permissions: [String] = Clinic.permissions, until: UInt64? = nil
  ) -> CBORValue {
    var entries: [(key: CBORValue, value: CBORValue)] = [
      (.text("state"), .text(state)),
      (.text("permissions"), .array(permissions.map { .text($0) })),
    ]
    if let until { entries.append((.text("until"), .unsigned(until))) }
    return .map(CBORMap(entries))
  }

  func content(_ blobs: [[UInt8]], wrap: [UInt8]) -> CBORValue {
    .map(
      CBORMap([
        (.text("version"), .bytes(newRecord().bytes)),
        (.text("blobs"), .array(blobs.map { .bytes(Hasher256.content($0).bytes) })),
        (.text("length"), .unsigned(UInt64(blobs.reduce(0) { $0 + $1.count }))),
        (.text("commitment"), .bytes(time.bytes(32))),
        (.text("wrap"), .bytes(Hasher256.content(wrap).bytes)),
      ]))
  }

  func shareChange(
    _ engagement: Engagement, _ share: Share, access: CBORValue
  ) -> RecordChange {
    RecordChange(
      type: "share", record: share.record, operation: .create,
      writes: [
        FieldWrite(key: "vault", value: .bytes(client.vault.bytes)),
        FieldWrite(key: "file", value: .bytes(newRecord().bytes)),
        FieldWrite(key: "grant", value: .bytes(engagement.approval.packed)),
        FieldWrite(key: "account_key", value: .bytes(time.bytes(32))),
        FieldWrite(key: "name", value: sealed(engagement.epoch), sealed: true),
        FieldWrite(key: "content", value: content(share.blobs, wrap: share.wrap)),
        FieldWrite(key: "access", value: access),
      ])
  }

  /// A share with its blobs and wrap stored.
  func share(
    _ engagement: Engagement, access: CBORValue? = nil, blobs: [[UInt8]]? = nil
  ) throws -> Share {
    let blobs = blobs ?? [time.bytes(100), time.bytes(50)]
    let share = Share(record: newRecord(), wrap: time.bytes(98), blobs: blobs)
    for blob in blobs { try client.putBlob(blob) }
    try client.store([share.wrap], for: engagement.space)
    let change = shareChange(engagement, share, access: access ?? self.access("active"))
    let verdict = try client.write(engagement.space, [change])
    if case .refused(_, let refusal) = verdict { throw refusal }
    return share
  }

  func setAccess(
    _ engagement: Engagement, _ share: Share, _ value: CBORValue, shown: [Origin] = []
  ) throws -> PushVerdict {
    try client.write(
      engagement.space,
      [
        RecordChange(
          type: "share", record: share.record, operation: .update,
          writes: [FieldWrite(key: "access", value: value, shown: shown)])
      ])
  }

  func getShareBlob(
    _ engagement: Engagement, _ share: Share, _ index: Int, by device: TestDevice
  ) throws -> [UInt8] {
    try device.send(
      .get,
      Path.shareBlob(space: engagement.space.hex, share: share.record.hex, index: index))
  }

  func note(_ engagement: Engagement, on share: Share) -> RecordChange {
    RecordChange(
      type: "note", record: newRecord(), operation: .create,
      writes: [
        FieldWrite(key: "share", value: .bytes(share.record.bytes)),
        FieldWrite(key: "text", value: sealed(engagement.epoch), sealed: true),
      ])
  }
}
