/// A quick look over an item that has no maps, and texts in ASCII only: what most commits are made of.
///
/// Says only where such an item ends. Of everything else, and of whatever is wrong with an item, it says
/// nothing: ``CBORReader`` looks again then, and knows the reasons.
enum PlainScan {
  /// - Parameter depth: arrays that the item is in.
  /// - Returns: `nil` where the item has to be read item by item.
  static func end(
    of storage: ArraySlice<UInt8>, from start: Int, depth: Int, _ limits: CBORLimits
  ) -> Int? {
    let first = storage.startIndex
    let offset = storage.withUnsafeBytes { bytes in
      end(of: bytes, from: start - first, depth: depth, limits)
    }
    return offset.map { $0 + first }
  }

  private static func end(
    of bytes: UnsafeRawBufferPointer, from start: Int, depth: Int, _ limits: CBORLimits
  ) -> Int? {
    var index = start
    /// Items still to come in each array that is open; the item itself is the first.
    var open = [1]
    open.reserveCapacity(8)
    while let last = open.indices.last {
      guard open[last] > 0 else {
        open.removeLast()
        continue
      }
      open[last] -= 1
      guard let (major, argument, next) = head(bytes, index) else { return nil }
      index = next
      switch major {
      case .unsigned, .negative, .simple: break
      case .bytes, .text:
        guard argument <= UInt64(max(0, limits.byteCountMax)),
          argument <= UInt64(bytes.count - index)
        else { return nil }
        let content = UnsafeRawBufferPointer(rebasing: bytes[index..<index + Int(argument)])
        guard major == .bytes || isASCII(content) else { return nil }
        index += content.count
      case .array:
        guard argument <= UInt64(max(0, limits.countMax)),
          argument <= UInt64(bytes.count - index), depth + open.count - 1 < limits.depthMax
        else { return nil }
        open.append(Int(argument))
      case .map, .tag: return nil
      }
    }
    return index
  }

  /// The head at an index, in its shortest form, and where it ends.
  private static func head(
    _ bytes: UnsafeRawBufferPointer, _ index: Int
  ) -> (major: Head.Major, argument: UInt64, next: Int)? {
    guard index < bytes.count, let major = Head.Major(rawValue: bytes[index] >> 5) else {
      return nil
    }
    let information = bytes[index] & 0x1f
    if major == .simple {
      return (20...22).contains(information) ? (major, 0, index + 1) : nil
    }
    if information < 24 { return (major, UInt64(information), index + 1) }
    guard information < 28 else { return nil }
    let size = 1 << Int(information - 24)
    guard size < bytes.count - index else { return nil }
    var value: UInt64 = 0
    for place in index + 1...index + size { value = value << 8 | UInt64(bytes[place]) }
    guard value >= (size == 1 ? 24 : 1 << UInt64(size * 4)) else { return nil }
    return (major, value, index + 1 + size)
  }

  private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var bits: UInt8 = 0
    for byte in bytes { bits |= byte }
    return bits < 0x80
  }
}
