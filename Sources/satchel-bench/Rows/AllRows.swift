/// All rows, in the order of the bars of docs/performance.md.
enum AllRows {
  static let rows: [Row] = [
    LocalWrites.rows,
    PulledPages.rows,
    ServerPushes.rows,
    WireBytes.rows,
    IdleSyncs.rows,
    SealingRows.rows,
    VaultFiles.rows,
    FirstSyncs.rows,
    Withdrawals.rows,
    WaitingDevices.rows,
    StoredRows.rows,
  ].flatMap(\.self)
}
