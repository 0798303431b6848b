import Signing

/// A passphrase for age files, in memory of its own.
public final class Passphrase: Sendable {
  private let secret: SecretBytes

  /// Copies the bytes of `secret`: UTF-8 without a line end.
  public init(copying secret: borrowing SecretBytes) {
    self.secret = secret.copy()
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    secret.withUnsafeBytes(body)
  }
}
