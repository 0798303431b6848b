// How many bytes values may take, so that limits can be set before anything is read.

extension Field {
  /// The most bytes of CBOR that one value of the field takes, before it is sealed; of a set, all
  /// elements together.
  public var encodedByteCountMax: Int {
    kind.encodedByteCountMax(sizeMax: sizeMax, itemSizeMax: itemSize.upperBound)
  }

  /// The most bytes that a sealed value of the field takes: what was sealed, an eighth for padding
  /// (PADMÉ adds less than that), 2 KiB for nonce, tag, suite and epoch.
  public var sealedByteCountMax: Int {
    let plain = encodedByteCountMax
    return plain + plain / 8 + 2048
  }
}

extension Field.Component {
  var encodedByteCountMax: Int {
    kind.encodedByteCountMax(sizeMax: sizeMax, itemSizeMax: itemSize.upperBound)
  }
}

extension Field.Kind {
  /// The longest head of an item: one byte and eight of its argument (RFC 8949 §3).
  private static let headByteCountMax = 9

  fileprivate func encodedByteCountMax(sizeMax: Int, itemSizeMax: Int) -> Int {
    let head = Self.headByteCountMax
    return switch self {
    case .text, .bytes: head + sizeMax
    case .integer, .time: head
    case .boolean: 1
    case .enumeration(let values): head + (values.map(\.utf8.count).max() ?? 0)
    case .account: 2 + AccountID.byteCount
    case .record: 1 + RecordID.byteCount
    case .list(let item), .set(let item):
      head + sizeMax * item.encodedItemByteCountMax(sizeMax: itemSizeMax)
    case .group(let components):
      components.reduce(head) { sum, component in
        sum + 2 + component.name.utf8.count + component.encodedByteCountMax
      }
    }
  }

  /// Elements are short, and there can be thousands: their heads are counted exactly.
  private func encodedItemByteCountMax(sizeMax: Int) -> Int {
    switch self {
    case .text, .bytes: sizeMax + (sizeMax < 24 ? 1 : sizeMax < 256 ? 2 : 5)
    default: encodedByteCountMax(sizeMax: sizeMax, itemSizeMax: 0)
    }
  }
}
