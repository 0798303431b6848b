import CBOR
import Database
import Merge
import SpaceStore

/// The SQL function `unseal` of one query.
///
/// Reads on the replica's own connection: a function must not use the one that called it.
final class Unsealing {
  private let replica: Replica
  private var index: SealedIndex?
  private var spaces: [Int64: SpaceID] = [:]
  /// Set where the query failed because the home is locked.
  private(set) var wasLocked = false

  init(_ replica: Replica) { self.replica = replica }

  func value(_ argument: SQLValue) throws -> SQLValue {
    guard argument != .null else { return .null }
    guard let bytes = argument.blobValue else {
      throw SQLFunctionError("the value is not sealed")
    }
    // `_sibling` holds values as CBOR. Nothing is both: a sealed value begins with its suite, 1, and CBOR
    // that begins so is that one byte.
    guard bytes.count > 1, bytes[0] == Self.suite else {
      switch try Self.decoded(bytes) {
      case .bytes(let sealed): return try unsealed(sealed)
      case let open: return try Self.sql(open)
      }
    }
    return try unsealed(bytes)
  }

  private static let suite: UInt8 = 1

  private static func decoded(_ bytes: [UInt8]) throws -> CBORValue {
    do throws(CBORError) {
      return try CBORValue(decoding: bytes)
    } catch {
      throw SQLFunctionError(foreign)
    }
  }

  private static let foreign = "the bytes are not a sealed value of this home"

  private func unsealed(_ sealed: [UInt8]) throws -> SQLValue {
    guard !replica.isLocked else {
      wasLocked = true
      throw SQLFunctionError("the home is locked")
    }
    let index = try preparedIndex()
    var isWithoutKey = false
    for place in index.places(of: sealed) {
      guard let space = spaces[place.row.space] else { continue }
      let register = try replica.store.tables.shownState(place.row).registers[place.key]
      for sibling in register?.siblings ?? [] where sibling.value == .bytes(sealed) {
        do {
          let plain = try replica.unseal(
            sealed, space: space, type: place.row.type, record: place.row.record, key: place.key,
            author: sibling.authorship.origin.replica.device)
          if let plain { return try Self.sql(plain) }
          isWithoutKey = true
        } catch ReplicaError.cannotOpen {
          continue
        }
      }
    }
    if isWithoutKey { return .null }
    throw SQLFunctionError(Self.foreign)
  }

  private func preparedIndex() throws -> SealedIndex {
    if let index { return index }
    let made = try SealedIndex(database: replica.database, schema: replica.store.schema)
    spaces = try replica.spacesByNumber()
    index = made
    return made
  }

  private static func sql(_ value: CBORValue) throws -> SQLValue {
    switch value {
    case .null: return .null
    case .text(let text): return .text(text)
    case .bytes(let bytes): return .blob(bytes)
    case .bool(let flag): return .integer(flag ? 1 : 0)
    case .unsigned, .negative:
      if let number = value.integer { return .integer(number) }
      throw SQLFunctionError("the number is too large")
    case .array, .map: return .text(JSONForm.text(value))
    }
  }
}
