import Database
import SpaceStore

/// The tables of a device's database beside those of its spaces.
enum DeviceTables {
  /// Numbered; what was shipped once is never changed.
  ///
  /// The record types have no place here: their tables follow the schema (`SchemaTables`).
  static let migrations = [
    Migration(
      version: 1, name: "spaces and device", statements: SpaceStore.createStatements + first),
    Migration(
      version: 2, name: "tables follow the schema", statements: SpaceStore.layoutStatements),
    Migration(version: 3, name: "stubs", statements: SpaceStore.compactionStatements),
    Migration(version: 4, name: "commits that wait for an epoch", statements: second),
    Migration(version: 5, name: "verdicts and conflicts", statements: verdicts),
    Migration(version: 6, name: "compared histories", statements: histories),
    Migration(
      version: 7, name: "restored servers", statements: SpaceStore.recoveryStatements + recovery),
    Migration(
      version: 8, name: "types of organisations", statements: SpaceStore.organisationStatements),
    Migration(version: 9, name: "wraps of chains", statements: chainWraps),
    Migration(version: 10, name: "forked chains", statements: forkedChains),
    Migration(version: 11, name: "handed heads and verified people", statements: handedHeads),
    Migration(version: 12, name: "lost epochs", statements: lostEpochs),
    Migration(version: 13, name: "receipts", statements: receipts),
    Migration(version: 14, name: "creations name themselves", statements: creations),
  ]

  private static let second = [
    // Commits of the outbox that were refused because a key had to be replaced, and are written anew
    // once it is.
    """
    CREATE TABLE stale_commit (
      space INTEGER NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (space, sequence)
    ) STRICT, WITHOUT ROWID
    """
  ]

  private static let verdicts = [
    // Whether the log gave no reason to refuse it.
    "ALTER TABLE rejected ADD COLUMN unfounded INTEGER NOT NULL DEFAULT 0",
    // Refusals that are right only if one that takes something away follows in the same journal.
    """
    CREATE TABLE held_up (
      space INTEGER NOT NULL, replica BLOB NOT NULL, sequence INTEGER NOT NULL,
      PRIMARY KEY (space, replica, sequence)
    ) STRICT, WITHOUT ROWID
    """,
    // Which values of a conflict a person was shown last, and how far the log went then.
    """
    CREATE TABLE shown_conflict (
      space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, key TEXT NOT NULL,
      position INTEGER NOT NULL, origins BLOB NOT NULL, PRIMARY KEY (space, type, record, key)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let histories = [
    // 0: the bytes that were shown; 1: a `ShownHistory` with what it takes to check it.
    "ALTER TABLE evidence ADD COLUMN form INTEGER NOT NULL DEFAULT 0",
    // The server's last signature over what this device holds, to show it together with another one.
    "CREATE TABLE signed_head (space INTEGER PRIMARY KEY, head BLOB NOT NULL) STRICT",
    "CREATE TABLE chain_head (chain BLOB PRIMARY KEY, head BLOB NOT NULL) STRICT",
    // What authors had seen beyond the own position; compared when the log gets there.
    """
    CREATE TABLE seen_ahead (
      space INTEGER NOT NULL, replica BLOB NOT NULL, view BLOB NOT NULL,
      PRIMARY KEY (space, replica)
    ) STRICT, WITHOUT ROWID
    """,
    // Spaces of which two histories were shown: nothing goes in or out until one page verifies.
    """
    CREATE TABLE forked_space (
      space INTEGER PRIMARY KEY, time INTEGER NOT NULL
    ) STRICT
    """,
  ]

  private static let recovery = [
    // Each page that was taken in, without its entries: what a server that lost them is shown.
    """
    CREATE TABLE page_proof (
      space INTEGER NOT NULL, position INTEGER NOT NULL, page BLOB NOT NULL,
      PRIMARY KEY (space, position)
    ) STRICT, WITHOUT ROWID
    """,
    // Pages that a restored server has lost, until it has taken them back.
    """
    CREATE TABLE lost_page (
      number INTEGER PRIMARY KEY, space INTEGER NOT NULL, request BLOB NOT NULL
    ) STRICT
    """,
    // Wraps of epochs that were made here: nobody else could send them again.
    """
    CREATE TABLE own_epoch_wrap (
      space INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (space, hash)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let lostEpochs = [
    // Epochs of logs that were set back, until they stand there again: their keys are kept.
    """
    CREATE TABLE lost_epoch (
      space INTEGER NOT NULL, epoch BLOB NOT NULL, PRIMARY KEY (space, epoch)
    ) STRICT, WITHOUT ROWID
    """
  ]

  private static let chainWraps = [
    // Own statements of chains that carry wraps, as they were sent: nobody else could send them again.
    """
    CREATE TABLE own_chain_wraps (
      hash BLOB PRIMARY KEY, chain BLOB NOT NULL, request BLOB NOT NULL
    ) STRICT
    """
  ]

  private static let forkedChains = [
    // Account chains of which the server has signed two histories: nothing new is sealed to such an
    // account. `revoked` are the devices that the other history takes out, one id after the other; `head`
    // is its end, as the server has signed it.
    """
    CREATE TABLE forked_chain (
      chain BLOB PRIMARY KEY, time INTEGER NOT NULL, revoked BLOB NOT NULL,
      head BLOB NOT NULL
    ) STRICT
    """
  ]

  private static let handedHeads = [
    // How far the device that let this one in had got: what the server shows must go through it.
    "CREATE TABLE handed_chain (chain BLOB PRIMARY KEY, point BLOB NOT NULL) STRICT",
    "CREATE TABLE handed_space (space BLOB PRIMARY KEY, seen BLOB NOT NULL) STRICT",
    // What the account's devices tell each other, under the device key; and whether the vault has it.
    """
    CREATE TABLE private_entry (
      kind TEXT NOT NULL, subject BLOB NOT NULL, sealed BLOB NOT NULL, written INTEGER NOT NULL,
      PRIMARY KEY (kind, subject)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let receipts = [
    // Shares that were taken back and of which nothing is here: whether the server was told.
    """
    CREATE TABLE dropped_share (
      space INTEGER NOT NULL, share BLOB NOT NULL, reported INTEGER NOT NULL,
      PRIMARY KEY (space, share)
    ) STRICT, WITHOUT ROWID
    """,
    // What the server says of those with whom files are shared. The key's columns come first: SQLite
    // 3.40's integrity check reads others amiss.
    """
    CREATE TABLE seen_access (
      space INTEGER NOT NULL, time INTEGER NOT NULL, device BLOB NOT NULL, action TEXT NOT NULL,
      object BLOB NOT NULL, outcome TEXT NOT NULL, account BLOB NOT NULL,
      PRIMARY KEY (space, time, device, action, object, outcome)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE TABLE access_cursor (space INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT",
    // Purges that devices have reported, signed; without a share: of the whole space.
    """
    CREATE TABLE seen_purge (
      space INTEGER NOT NULL, share BLOB NOT NULL, device BLOB NOT NULL, position INTEGER NOT NULL,
      received INTEGER NOT NULL, PRIMARY KEY (space, share, device)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE seen_contact (
      space INTEGER NOT NULL, device BLOB NOT NULL, position INTEGER NOT NULL,
      time INTEGER NOT NULL, PRIMARY KEY (space, device)
    ) STRICT, WITHOUT ROWID
    """,
  ]

  private static let creations = [
    // The image of nothing: a row that an unsent commit has created says so itself.
    "DELETE FROM _accepted WHERE state = x'83f68080'",
    // What a commit has touched it says itself.
    "DROP INDEX outbox_row_sequence",
  ]

  private static let first = [
    // One value a name: account, device, server, clock, password parameters.
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT",
    // Secrets, each sealed apart under the password key, so that a purge can drop one while locked.
    "CREATE TABLE key_ring (name TEXT PRIMARY KEY, sealed BLOB NOT NULL) STRICT",
    // Verified statements of account, organisation and team chains.
    """
    CREATE TABLE chain_statement (
      chain BLOB NOT NULL, number INTEGER NOT NULL, statement BLOB NOT NULL,
      PRIMARY KEY (chain, number)
    ) STRICT, WITHOUT ROWID
    """,
    // How far the own journal of each space goes, kept when the space is purged.
    """
    CREATE TABLE own_journal (
      space INTEGER PRIMARY KEY, home INTEGER NOT NULL, sequence INTEGER NOT NULL,
      hash BLOB NOT NULL
    ) STRICT
    """,
    // Own commits without a verdict, or accepted and not pulled yet. `private` is a copy of the
    // plaintext under a device key that no purge touches.
    """
    CREATE TABLE outbox (
      space INTEGER NOT NULL, sequence INTEGER NOT NULL, body BLOB NOT NULL, previous BLOB NOT NULL,
      hash BLOB NOT NULL, time INTEGER NOT NULL, origin BLOB, private BLOB NOT NULL, accepted INTEGER,
      PRIMARY KEY (space, sequence)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE outbox_row (
      space INTEGER NOT NULL, type TEXT NOT NULL, record BLOB NOT NULL, sequence INTEGER NOT NULL,
      PRIMARY KEY (space, type, record, sequence)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX outbox_row_sequence ON outbox_row (space, sequence)",
    """
    CREATE TABLE rejected (
      number INTEGER PRIMARY KEY, space INTEGER NOT NULL, home INTEGER NOT NULL,
      sequence INTEGER NOT NULL, body BLOB NOT NULL, private BLOB NOT NULL, refusal BLOB NOT NULL,
      written INTEGER NOT NULL, refused INTEGER NOT NULL, UNIQUE (space, home, sequence)
    ) STRICT
    """,
    // Blobs and wraps that the server does not have yet.
    """
    CREATE TABLE blob_outbox (
      space INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (space, hash)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE wrap (
      space INTEGER NOT NULL, hash BLOB NOT NULL, bytes BLOB NOT NULL, sent INTEGER NOT NULL,
      PRIMARY KEY (space, hash)
    ) STRICT, WITHOUT ROWID
    """,
    // Spaces that were left: why, when, and whether the server was told.
    """
    CREATE TABLE left_space (
      space INTEGER PRIMARY KEY, reason TEXT NOT NULL, time INTEGER NOT NULL,
      reported INTEGER NOT NULL
    ) STRICT
    """,
    // Invitations and enrolments that were made here, with their secrets under the device key.
    """
    CREATE TABLE handed_out (
      lookup BLOB PRIMARY KEY, kind TEXT NOT NULL, sealed BLOB NOT NULL, state TEXT NOT NULL
    ) STRICT
    """,
    // What could only be explained by a dishonest server or peer.
    """
    CREATE TABLE evidence (
      number INTEGER PRIMARY KEY, time INTEGER NOT NULL, space BLOB, kind TEXT NOT NULL,
      bytes BLOB NOT NULL
    ) STRICT
    """,
    // Every attempt to open a file, refusals included (requirement A9).
    """
    CREATE TABLE audit (
      number INTEGER PRIMARY KEY, time INTEGER NOT NULL, action TEXT NOT NULL, space BLOB,
      record BLOB, outcome TEXT NOT NULL, detail TEXT
    ) STRICT
    """,
  ]
}
