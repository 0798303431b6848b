import Signing

/// Text that has a secret in it, written piece by piece into memory that is wiped.
final class SecretText {
  private var bytes: SecretBytes
  private var count = 0

  init(capacity: Int) { bytes = SecretBytes(count: capacity) }

  func append(_ piece: String) {
    var piece = piece
    piece.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  func append(_ piece: UnsafeRawBufferPointer) {
    if count + piece.count > bytes.count { grow(to: max(2 * bytes.count, count + piece.count)) }
    let start = count
    bytes.withUnsafeMutableBytes { all in
      UnsafeMutableRawBufferPointer(rebasing: all[start..<start + piece.count])
        .copyMemory(from: piece)
    }
    count += piece.count
  }

  private func grow(to capacity: Int) {
    var larger = SecretBytes(count: capacity)
    larger.withUnsafeMutableBytes { larger in
      bytes.withUnsafeBytes { larger.copyMemory(from: $0) }
    }
    // The smaller memory is wiped as it goes.
    bytes = larger
  }

  func withBytes<Result: ~Copyable, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let count = count
    return try bytes.withUnsafeBytes { all throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: all[..<count]))
    }
  }
}
