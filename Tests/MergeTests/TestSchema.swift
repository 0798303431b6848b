import CBOR
import Merge

/// A few hand-made record types, one or two a space kind, that use everything acceptance looks at.
enum TestSchema {
  static let schema = Schema(types: [
    assignment, note, share, remark, request, ticket, comment, file, deposit,
  ])

  static let assignment = type(
    "assignment", .assignment, creators: [.admin, .client],
    fields: [
      field("organisation", .bytes, .once),
      field("client", .account, .once, required: true),
      decision(Consent.practitionerKey, ["withdrawn", "declined", "accepted"], .practitioner),
      decision(Consent.clientKey, ["revoked", "declined", "approved"], .client),
    ])

  /// Deleted by its author only, and its deletion is final.
  static let note = type(
    "note", .engagement, delete: .deleteWins, creators: [.practitioner, .client],
    deleters: [.author], permission: .addNotes,
    fields: [
      Field(
        name: "text", kind: .text, sealed: true, rule: .latest, sizeMax: 1000, required: true),
      field("pinned", .boolean, .latest, writers: [.author]),
      field("reminder", .time, .latest, permission: .setReminders),
    ])

  static let share = type(
    "share", .engagement, creators: [.client],
    fields: [
      field("vault", .bytes, .once, required: true), field("grant", .bytes, .once, required: true),
      Field(
        name: "access",
        kind: .group([
          .init(name: "state", kind: .enumeration(["revoked", "active"]), required: true),
          .init(name: "permissions", kind: .list(.text), required: false),
          .init(name: "until", kind: .time, required: false),
        ]), sealed: false, rule: .revokeWins, order: ["revoked", "active"], orderedBy: "state",
        sizeMax: 1000, writers: [.client]),
    ])

  /// Written under a share, by whoever it lets in.
  static let remark = type(
    "remark", .engagement, creators: [.practitioner, .client], permission: .addNotes,
    parent: .init(field: "share", type: "share", onDelete: .hide),
    fields: [field("share", .record("share"), .once, required: true)])

  /// What may be asked while the consent has run out.
  static let request = type(
    "access_request", .engagement, creators: [.practitioner],
    fields: [field("reason", .text, .latest)])

  static let ticket = type(
    "ticket", .casework, creators: [.contact, .staff], deleters: [.staff],
    workflows: [
      Workflow(
        name: "ticket", states: ["open", "resolved", "closed", "reopened"],
        precedence: ["reopened", "closed", "resolved", "open"],
        transitions: [
          .init(from: nil, to: "open", roles: [.contact, .staff]),
          .init(from: "open", to: "resolved", roles: [.staff]),
          .init(from: "reopened", to: "resolved", roles: [.staff]),
          .init(from: "open", to: "closed", roles: [.contact]),
          .init(from: "resolved", to: "closed", roles: [.contact]),
          .init(from: "closed", to: "reopened", roles: [.contact]),
          .init(from: "resolved", to: "reopened", roles: [.contact]),
        ])
    ],
    fields: [
      field("number", .integer, .once, writers: [.server]),
      field("source", .text, .once),
      field("title", .text, .latest),
      Field(
        name: "status", kind: .enumeration(["open", "resolved", "closed", "reopened"]),
        sealed: false, rule: .workflow, workflow: "ticket", sizeMax: 100),
      field("labels", .set(.text), .addWins),
    ])

  static let comment = type(
    "comment", .casework, delete: .deleteWins, creators: [.contact, .staff],
    deleters: [.author], fields: [field("text", .text, .latest, writers: [.author])])

  static let file = type(
    "file", .vault, creators: [.owner], deleters: [.owner],
    fields: [field("name", .text, .latest)])

  /// For an emergency; acceptance knows it by its name.
  static let deposit = type(
    EmergencyRules.deposit, .casework, creators: [.contact],
    fields: [
      Field(
        name: "state", kind: .enumeration(["withdrawn", "active"]), sealed: false,
        rule: .revokeWins, order: ["withdrawn", "active"], sizeMax: 100, required: true),
      Field(
        name: "access",
        kind: .group([
          .init(name: "kind", kind: .enumeration(["medical"]), required: true),
          .init(name: "until", kind: .time, required: true),
        ]), sealed: false, rule: .once, sizeMax: 1000, writers: [.staff]),
      field("reason", .text, .once, writers: [.staff]),
      field("closed", .time, .once, writers: [.staff, .contact]),
    ])

  static func access(until: UInt64) -> FieldWrite {
    .open(
      "access",
      .map(CBORMap([(.text("kind"), .text("medical")), (.text("until"), .unsigned(until))])))
  }

  private static func type(
    _ name: String, _ space: SpaceKind, delete: RecordType.ConcurrentDelete = .editWins,
    creators: [Role], deleters: [Role] = [], permission: Permission? = nil,
    parent: RecordType.Parent? = nil, workflows: [Workflow] = [], fields: [Field]
  ) -> RecordType {
    RecordType(
      name: name, space: space, parent: parent, concurrentDelete: delete, history: .keep,
      fields: fields, workflows: workflows, creators: creators, deleters: deleters,
      createPermission: permission)
  }

  private static func field(
    _ name: String, _ kind: Field.Kind, _ rule: Rule, required: Bool = false,
    writers: [Role] = [], permission: Permission? = nil
  ) -> Field {
    Field(
      name: name, kind: kind, sealed: false, rule: rule, sizeMax: 1000, required: required,
      writers: writers, permission: permission)
  }

  private static func decision(_ name: String, _ order: [String], _ role: Role) -> Field {
    let permissions = Permission.allCases.map(\.rawValue)
    let components = [
      Field.Component(name: "decision", kind: .enumeration(order), required: true),
      Field.Component(name: "permissions", kind: .list(.enumeration(permissions)), required: false),
      Field.Component(name: "until", kind: .time, required: false),
    ]
    return Field(
      name: name, kind: .group(components), sealed: false, rule: .revokeWins, order: order,
      orderedBy: "decision", sizeMax: 1000, writers: [role])
  }
}
