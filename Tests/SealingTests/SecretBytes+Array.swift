import Signing

extension SecretBytes {
  init(_ bytes: [UInt8]) {
    self.init(count: bytes.count)
    withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
  }

  borrowing func array() -> [UInt8] {
    withUnsafeBytes { Array($0) }
  }
}
