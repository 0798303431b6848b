import CQREncode

/// A QR code (ISO/IEC 18004) of some bytes, as libqrencode lays it out: a square of light and dark
/// modules, around which readers need four light ones on each side.
public final class QRCode {
  /// The largest code holds as many bytes at level M, which survives a seventh of it unreadable.
  public static let byteCountMax = 2_331

  static let quietModuleCount = 4

  // No initialiser takes one of these: the optimiser of Swift 6.3.1 ends with a signal where a module
  // that does not import CQREncode looks at a class with such an initialiser.
  private let symbol: UnsafeMutablePointer<CQREncode.QRcode>

  /// The smallest code for `bytes`; `nil` if there are none, or more than ``byteCountMax``.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard let symbol = Self.encode(bytes) else { return nil }
    self.symbol = symbol
  }

  /// The smallest code for a text that is no secret.
  public init?(text: String) {
    guard let symbol = Array(text.utf8).withUnsafeBytes({ Self.encode($0) }) else { return nil }
    self.symbol = symbol
  }

  deinit { satchel_qr_wipe_and_free(symbol) }

  /// How many modules a side has, without the light ones around it.
  public var moduleCount: Int { Int(symbol.pointee.width) }

  /// Whether a module is dark; those around the code are light.
  public func isDark(row: Int, column: Int) -> Bool {
    guard (0..<moduleCount).contains(row), (0..<moduleCount).contains(column) else { return false }
    // The lowest bit is the colour, the others are for who makes codes.
    return symbol.pointee.data[row * moduleCount + column] & 1 == 1
  }

  private static func encode(
    _ bytes: UnsafeRawBufferPointer
  ) -> UnsafeMutablePointer<CQREncode.QRcode>? {
    guard (1...byteCountMax).contains(bytes.count) else { return nil }
    return QRcode_encodeData(
      Int32(bytes.count), bytes.bindMemory(to: UInt8.self).baseAddress, 0, QR_ECLEVEL_M)
  }
}
