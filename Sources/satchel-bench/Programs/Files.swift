import Foundation
import Terminal

/// The files that a vault's rows are measured with: bytes that do not compress, the same in each run.
enum Files {
  /// 2 to 60 KB each, a hundred in a folder.
  static func small(_ count: Int, in folder: String) throws {
    var generator = SplitMix(seed: 1)
    for number in 0..<count {
      let inner = "\(folder)/\(number / 100)"
      if number % 100 == 0 {
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      }
      let byteCount = 2_000 + Int(generator.next() % 58_000)
      try generator.data(byteCount).write(to: URL(fileURLWithPath: "\(inner)/\(number).bin"))
    }
  }

  /// A few bytes each, a thousand in a folder.
  static func tiny(_ numbers: Range<Int>, in folder: String) throws {
    for number in numbers {
      let inner = "\(folder)/\(number / 1000)"
      try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
      try Data("file \(number)".utf8).write(to: URL(fileURLWithPath: "\(inner)/\(number).txt"))
    }
  }

  static func large(_ byteCount: Int, at path: String) throws {
    var generator = SplitMix(seed: 2)
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let handle = FileHandle(forWritingAtPath: path)
    else { throw Failure("\(path) cannot be written") }
    var left = byteCount
    while left > 0 {
      let count = min(left, 8 << 20)
      try handle.write(contentsOf: generator.data(count))
      left -= count
    }
    try handle.close()
  }

  /// Whether two folders hold the same files with the same bytes.
  static func areSame(_ first: String, _ second: String) -> Bool {
    guard let names = FileManager.default.enumerator(atPath: first)?.allObjects as? [String],
      let others = FileManager.default.enumerator(atPath: second)?.allObjects as? [String],
      names.count == others.count, !names.isEmpty
    else { return false }
    return names.allSatisfy { name in
      var isFolder: ObjCBool = false
      let manager = FileManager.default
      guard manager.fileExists(atPath: "\(first)/\(name)", isDirectory: &isFolder) else {
        return false
      }
      return isFolder.boolValue
        || manager.contentsEqual(atPath: "\(first)/\(name)", andPath: "\(second)/\(name)")
    }
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): quick, and the same from one seed.
struct SplitMix {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func data(_ byteCount: Int) -> Data {
    var words = (0..<(byteCount + 7) / 8).map { _ in next() }
    return words.withUnsafeMutableBytes { Data($0.prefix(byteCount)) }
  }
}
