import CBOR
import Database
import Merge
import SpaceStore

/// Where each sealed value of the tables stands, by its nonce.
///
/// A ciphertext does not say where it belongs, and does not open without knowing it. Made on the first
/// use, in one pass; only places are kept, no plaintext.
final class SealedIndex {
  struct Place: Hashable {
    let row: RowKey
    let key: String
  }

  private var placesByNonce: [[UInt8]: [Place]] = [:]

  private static let nonce = 9..<33

  init(database: any SQLDatabase, schema: Schema) throws {
    for type in schema.types {
      for field in type.fields where field.sealed {
        try addColumn(field.name, of: type.name, database)
      }
    }
    try addSiblings(database)
  }

  private func addColumn(_ name: String, of type: String, _ database: any SQLDatabase) throws {
    try database.each(
      "SELECT space, record, \"\(name)\" FROM \"\(type)\" WHERE \"\(name)\" IS NOT NULL"
    ) { row in
      guard let record = RecordID(row.blob(1)) else { throw ReplicaError.homeDamaged(type) }
      add(row.blob(2), RowKey(space: row.integer(0), type: type, record: record), name)
    }
  }

  private func addSiblings(_ database: any SQLDatabase) throws {
    try database.each("SELECT space, type, record, key, value FROM _sibling") { row in
      guard let record = RecordID(row.blob(2)) else { throw ReplicaError.homeDamaged("_sibling") }
      guard case .bytes(let sealed) = try CBORValue(decoding: row.blob(4)) else { return }
      add(
        sealed, RowKey(space: row.integer(0), type: row.text(1), record: record), row.text(3))
    }
  }

  private func add(_ sealed: [UInt8], _ row: RowKey, _ key: String) {
    guard sealed.count >= SealedLayout.overheadByteCount else { return }
    let place = Place(row: row, key: key)
    // The shown one of several siblings stands in the column and in the side table.
    guard placesByNonce[Array(sealed[Self.nonce])]?.contains(place) != true else { return }
    placesByNonce[Array(sealed[Self.nonce]), default: []].append(place)
  }

  /// Every place that holds a value with this nonce.
  func places(of sealed: [UInt8]) -> [Place] {
    guard sealed.count >= SealedLayout.overheadByteCount else { return [] }
    return placesByNonce[Array(sealed[Self.nonce])] ?? []
  }
}
