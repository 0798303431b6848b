import Foundation

/// Looks for some bytes in all memory of a process, as whoever may debug it could.
///
/// The bytes that are looked for, and those that were read, lie in pages of their own, which are left
/// out where the process is this one, and wiped afterwards.
final class MemoryScan {
  private static let pageByteCount = 4096
  private static let pieceByteCount = 1 << 20

  private let pages: UnsafeMutableRawBufferPointer
  private let needle: UnsafeMutableRawBufferPointer
  private let piece: UnsafeMutableRawBufferPointer

  /// - Parameter secret: copied into the scan's own pages.
  init(for secret: UnsafeRawBufferPointer) {
    precondition(secret.count >= 16 && secret.count <= Self.pageByteCount)
    let count = Self.pageByteCount + Self.pieceByteCount
    let address = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let address, address != MAP_FAILED else { preconditionFailure("no memory to scan with") }
    pages = UnsafeMutableRawBufferPointer(start: address, count: count)
    needle = UnsafeMutableRawBufferPointer(rebasing: pages[..<secret.count])
    piece = UnsafeMutableRawBufferPointer(rebasing: pages[Self.pageByteCount...])
    needle.copyMemory(from: secret)
  }

  deinit { if let address = pages.baseAddress { munmap(address, pages.count) } }

  /// How often the bytes are there; `nil` where the system does not let us look.
  ///
  /// - Parameter process: `nil` for this one.
  func occurrences(in process: pid_t? = nil) throws -> Int? {
    let name = process.map { "\($0)" } ?? "self"
    let memory = open("/proc/\(name)/mem", O_RDONLY | O_CLOEXEC)
    guard memory >= 0 else { return nil }
    defer {
      close(memory)
      _ = piece.initializeMemory(as: UInt8.self, repeating: 0)
    }
    return try Self.maps(name).split(separator: "\n").reduce(0) { sum, line in
      guard let range = Self.readableRange(line) else { return sum }
      let own = UInt(bitPattern: pages.baseAddress)
      if process == nil, range.contains(own) {
        return sum + count(range.lowerBound..<own, memory)
          + count((own + UInt(pages.count))..<range.upperBound, memory)
      }
      return sum + count(range, memory)
    }
  }

  /// Read to its end: what the system gives at once is one page at most, which Foundation takes for all.
  private static func maps(_ name: String) throws -> String {
    guard let file = FileHandle(forReadingAtPath: "/proc/\(name)/maps") else { return "" }
    var bytes = Data()
    while let part = try file.read(upToCount: pageByteCount), !part.isEmpty { bytes += part }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `start-end rwx…`; only what was written to can have a secret.
  private static func readableRange(_ line: Substring) -> Range<UInt>? {
    let words = line.split(separator: " ", maxSplits: 2)
    let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
    guard ends.count == 2, words[1].hasPrefix("r"), !line.hasSuffix("[vvar]"),
      !line.hasSuffix("[vsyscall]")
    else { return nil }
    return ends[0]..<ends[1]
  }

  /// Pieces overlap by one byte less than the needle has.
  private func count(_ range: Range<UInt>, _ memory: Int32) -> Int {
    var found = 0
    var place = range.lowerBound
    while place < range.upperBound {
      let wanted = min(UInt(piece.count), range.upperBound - place)
      let count = pread(
        memory, piece.baseAddress, Int(wanted), off_t(Int64(bitPattern: UInt64(place))))
      guard count > 0 else {
        // A guard page, or memory that was given back meanwhile.
        place += UInt(Self.pageByteCount)
        continue
      }
      found += countInPiece(count)
      let isLast = place + UInt(count) >= range.upperBound
      place += isLast ? UInt(count) : UInt(max(1, count - needle.count + 1))
    }
    return found
  }

  private func countInPiece(_ count: Int) -> Int {
    guard let start = piece.baseAddress, let wanted = needle.baseAddress else { return 0 }
    var found = 0
    var offset = 0
    // By a byte that is not zero, as most of memory is.
    let anchor = needle.firstIndex { $0 != 0 } ?? 0
    while offset + needle.count <= count,
      let hit = memchr(
        start + offset + anchor, Int32(needle[anchor]), count - offset - needle.count + 1)
    {
      let candidate = UnsafeRawPointer(hit) - anchor
      if memcmp(candidate, wanted, needle.count) == 0 { found += 1 }
      offset = UnsafeRawPointer(start).distance(to: candidate) + 1
    }
    return found
  }
}
