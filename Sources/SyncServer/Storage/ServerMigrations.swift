import Database
import SpaceStore

/// The server's tables, step by step. What was shipped once is never changed.
///
/// The record types have no place here: their tables follow the schema (`SchemaTables`).
enum ServerMigrations {
  static let all = [
    Migration(version: 1, name: "logs and rows", statements: SpaceStore.createStatements),
    Migration(
      version: 2, name: "accounts, objects and feeds",
      statements: accounts + objects + spaces + records),
    Migration(
      version: 3, name: "tables follow the schema", statements: SpaceStore.layoutStatements),
    Migration(
      version: 4, name: "stubs and readers",
      statements: SpaceStore.compactionStatements + readers),
    Migration(
      version: 5, name: "restored servers", statements: SpaceStore.recoveryStatements + recovery),
    Migration(
      version: 6, name: "types of organisations", statements: SpaceStore.organisationStatements),
    Migration(version: 7, name: "answers to devices that ask", statements: answers),
    Migration(version: 8, name: "chains of restored servers", statements: settling),
    Migration(version: 9, name: "receipts", statements: receipts),
    Migration(version: 10, name: "emergency deposits", statements: emergencies),
    Migration(version: 11, name: "erased blobs", statements: erasures),
  ]

  // What its owner has had destroyed: not missing, and not taken again.
  private static let erasures = [
    """
    CREATE TABLE erased_blob (
      space BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (space, hash)
    ) STRICT, WITHOUT ROWID
    """
  ]

  // Whose vault a deposit opens, and the name of the server's share of its key.
  private static let emergencies = [
    """
    CREATE TABLE emergency_share (
      space BLOB NOT NULL, record BLOB NOT NULL, vault BLOB NOT NULL, share BLOB NOT NULL,
      PRIMARY KEY (space, record)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX emergency_share_vault ON emergency_share (vault)",
  ]

  private static let accounts = [
    """
    CREATE TABLE account (
      id BLOB PRIMARY KEY, role TEXT NOT NULL, created INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE chain_statement (
      chain BLOB NOT NULL, place INTEGER NOT NULL, statement BLOB NOT NULL,
      PRIMARY KEY (chain, place)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE invitation (
      number INTEGER PRIMARY KEY, lookup BLOB NOT NULL UNIQUE, role TEXT NOT NULL,
      organisation BLOB, inviter BLOB, expires INTEGER NOT NULL,
      account BLOB, head BLOB, mac BLOB
    ) STRICT
    """,
    "CREATE INDEX invitation_inviter ON invitation (inviter)",
    """
    CREATE TABLE enrolment (
      number INTEGER PRIMARY KEY, account BLOB NOT NULL, lookup BLOB NOT NULL,
      request BLOB NOT NULL, created INTEGER NOT NULL, approval BLOB, UNIQUE (account, lookup)
    ) STRICT
    """,
  ]

  private static let objects = [
    """
    CREATE TABLE wrap (
      owner BLOB NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, account BLOB NOT NULL,
      stored_at INTEGER NOT NULL, named INTEGER NOT NULL, PRIMARY KEY (owner, hash)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX wrap_account ON wrap (account, named)",
    """
    CREATE TABLE epoch_wrap (
      space BLOB NOT NULL, hash BLOB NOT NULL, recipient BLOB NOT NULL,
      PRIMARY KEY (space, hash, recipient)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE share_wrap (
      space BLOB NOT NULL, hash BLOB NOT NULL, record BLOB NOT NULL,
      PRIMARY KEY (space, hash, record)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE blob (
      space BLOB NOT NULL, hash BLOB NOT NULL, byte_count INTEGER NOT NULL,
      stored_at INTEGER NOT NULL, named INTEGER NOT NULL, PRIMARY KEY (space, hash)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let spaces = [
    """
    CREATE TABLE space_link (
      space BLOB PRIMARY KEY, opener BLOB NOT NULL, organisation BLOB, team BLOB, assignment BLOB
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX space_link_team ON space_link (team)",
    "CREATE INDEX space_link_assignment ON space_link (assignment)",
    """
    CREATE TABLE authority (
      space BLOB NOT NULL, source BLOB NOT NULL, reached INTEGER NOT NULL,
      PRIMARY KEY (space, source)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE statement_position (
      space BLOB NOT NULL, hash BLOB NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (space, hash)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE promised_commit (
      space BLOB NOT NULL, replica BLOB NOT NULL, sequence INTEGER NOT NULL,
      content BLOB NOT NULL, PRIMARY KEY (space, replica, sequence)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE counter (
      space BLOB NOT NULL, field TEXT NOT NULL, last INTEGER NOT NULL,
      PRIMARY KEY (space, field)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE feed (
      account BLOB NOT NULL, space BLOB NOT NULL, number INTEGER NOT NULL,
      PRIMARY KEY (account, space)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX feed_number ON feed (account, number)",
  ]

  // How far each replica has read: compaction waits for those that still come.
  private static let readers = [
    """
    CREATE TABLE reader (
      space BLOB NOT NULL, device BLOB NOT NULL, home INTEGER NOT NULL, account BLOB NOT NULL,
      acknowledged INTEGER NOT NULL, waiting_since INTEGER, retired INTEGER NOT NULL,
      PRIMARY KEY (space, device, home)
    ) STRICT, WITHOUT ROWID
    """
  ]

  private static let answers = [
    // Requests live for a day, and earlier ones say nothing of a short code: who waits asks again.
    "DELETE FROM enrolment",
    "ALTER TABLE enrolment ADD COLUMN answer BLOB",
  ]

  private static let recovery = [
    "CREATE TABLE server_setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    // The rolling hash of a lost incarnation with each entry that was handed back.
    """
    CREATE TABLE recovered_entry (
      space BLOB NOT NULL, incarnation INTEGER NOT NULL, position INTEGER NOT NULL,
      head BLOB NOT NULL, PRIMARY KEY (space, incarnation, position)
    ) STRICT, WITHOUT ROWID
    """,
    // Consents that came back with an engagement's log: they are not brought again.
    """
    CREATE TABLE recovered_consent (
      space BLOB NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (space, position)
    ) STRICT, WITHOUT ROWID
    """,
    // How far each lost incarnation went, as far as signed heads have shown.
    """
    CREATE TABLE lost_head (
      space BLOB NOT NULL, incarnation INTEGER NOT NULL, position INTEGER NOT NULL,
      PRIMARY KEY (space, incarnation)
    ) STRICT, WITHOUT ROWID
    """,
    // Wraps and blobs that recovered entries name and the server does not have.
    """
    CREATE TABLE missing_object (
      owner BLOB NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (owner, hash)
    ) STRICT, WITHOUT ROWID
    """,
    // Engagements whose client has been here since the server was restored.
    """
    CREATE TABLE released_space (
      space BLOB PRIMARY KEY, incarnation INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let settling = [
    // Devices that have handed back what they held, and since which incarnation.
    """
    CREATE TABLE returned_device (
      device BLOB PRIMARY KEY, incarnation INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    // Chains of which nobody can hold more, and since which incarnation.
    """
    CREATE TABLE settled_chain (
      chain BLOB PRIMARY KEY, incarnation INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let receipts = [
    // Reports that name shares, whole: their signature is over all of it.
    """
    CREATE TABLE share_purge_report (
      space BLOB NOT NULL, device BLOB NOT NULL, hash BLOB NOT NULL,
      received INTEGER NOT NULL, report BLOB NOT NULL, PRIMARY KEY (space, device, hash)
    ) STRICT, WITHOUT ROWID
    """,
    // How far each device of an engagement's other side was given the log, and when last.
    """
    CREATE TABLE space_contact (
      space BLOB NOT NULL, device BLOB NOT NULL, position INTEGER NOT NULL, time INTEGER NOT NULL,
      PRIMARY KEY (space, device)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let records = [
    """
    CREATE TABLE purge_report (
      space BLOB NOT NULL, device BLOB NOT NULL, time INTEGER NOT NULL,
      received INTEGER NOT NULL, signature BLOB NOT NULL, PRIMARY KEY (space, device, time)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE access_audit (
      number INTEGER PRIMARY KEY, time INTEGER NOT NULL, account BLOB NOT NULL,
      device BLOB NOT NULL, action TEXT NOT NULL, space BLOB NOT NULL, object BLOB NOT NULL,
      outcome TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX access_audit_space ON access_audit (space, number)",
  ]
}
