import Foundation

/// Seeds that found a defect once: run each time, so that it does not come back.
enum Seeds {
  /// A line of `Seeds.txt` is a seed and what it found; `#` begins a remark.
  static let all: Result<[UInt64], any Error> = Result {
    let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Seeds.txt")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { line in
        guard let seed = line.split(separator: " ").first.flatMap({ UInt64($0) }) else {
          throw Malformed(line: String(line))
        }
        return seed
      }
  }

  struct Malformed: Error {
    let line: String
  }
}
