/// All rows, in the order of the bars of docs/performance.md.
enum AllRows {
  static let rows: [Row] = [
    LocalWrites.rows,
    PulledPages.rows,
    FirstSyncs.rows,
    StoredRows.rows,
  ].flatMap(\.self)
}
