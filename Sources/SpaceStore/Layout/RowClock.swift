import Merge

/// A row's clock: the log position of each plain field, run-length coded, and what lies beside it.
///
/// Bytes: flags, then (run length, place) pairs of LEB128 numbers. A place is 0 for a field that
/// was never written, 1 for one whose siblings lie in the side table, else its position + 2.
struct RowClock: Hashable {
  enum Place: Hashable {
    case unwritten
    case siblings
    case position(Position)

    var code: UInt64 {
      switch self {
      case .unwritten: 0
      case .siblings: 1
      case .position(let position): position.rawValue + 2
      }
    }

    init(code: UInt64) throws(StateError) {
      switch code {
      case 0: self = .unwritten
      case 1: self = .siblings
      default:
        guard let position = Position(stored: code - 2) else { throw .damaged }
        self = .position(position)
      }
    }
  }

  /// One for each plain field of the layout, in its order.
  var places: [Place]
  /// Set elements or more than one sibling of a field lie in the side table.
  var hasSideRegisters: Bool
  var hasDeletions: Bool

  var bytes: [UInt8] {
    var bytes: [UInt8] = [(hasSideRegisters ? 1 : 0) | (hasDeletions ? 2 : 0)]
    var index = 0
    while index < places.count {
      var end = index + 1
      while end < places.count && places[end] == places[index] { end += 1 }
      Self.append(UInt64(end - index), to: &bytes)
      Self.append(places[index].code, to: &bytes)
      index = end
    }
    return bytes
  }

  init(places: [Place], hasSideRegisters: Bool, hasDeletions: Bool) {
    self.places = places
    self.hasSideRegisters = hasSideRegisters
    self.hasDeletions = hasDeletions
  }

  /// - Parameter count: how many plain fields the layout has now; columns added since are unwritten.
  init(_ bytes: [UInt8], count: Int) throws(StateError) {
    guard let flags = bytes.first, flags < 4 else { throw .damaged }
    hasSideRegisters = flags & 1 != 0
    hasDeletions = flags & 2 != 0
    places = []
    var index = 1
    while index < bytes.count {
      let run = try Self.number(bytes, &index)
      let place = try Place(code: try Self.number(bytes, &index))
      guard run > 0, run <= UInt64(count - places.count) else { throw .damaged }
      places += Array(repeating: place, count: Int(run))
    }
    places += Array(repeating: .unwritten, count: count - places.count)
  }

  private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private static func number(_ bytes: [UInt8], _ index: inout Int) throws(StateError) -> UInt64 {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), through: 63, by: 7) {
      guard index < bytes.count else { throw .damaged }
      let byte = bytes[index]
      index += 1
      result |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return result }
    }
    throw .damaged
  }
}
