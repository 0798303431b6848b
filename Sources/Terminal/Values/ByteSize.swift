/// Sizes for people, in binary units (IEC 80000-13).
public enum ByteSize {
  private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

  /// `0 B`, `1023 B`, `1.5 KiB`, `12 MiB`: one decimal below ten, none above.
  public static func text(_ byteCount: UInt64) -> String {
    var index = 0
    var divisor: UInt64 = 1
    // A value that would be shown as 1024 belongs to the next unit.
    while index < units.count - 1, roundedWhole(byteCount, divisor) >= 1024 {
      index += 1
      divisor <<= 10
    }
    guard index > 0 else { return "\(byteCount) B" }
    let tenths = roundedTenths(byteCount, divisor)
    if tenths < 100 { return "\(tenths / 10).\(tenths % 10) \(units[index])" }
    return "\(roundedWhole(byteCount, divisor)) \(units[index])"
  }

  private static func roundedWhole(_ value: UInt64, _ divisor: UInt64) -> UInt64 {
    value / divisor + (value % divisor >= (divisor + 1) / 2 && divisor > 1 ? 1 : 0)
  }

  private static func roundedTenths(_ value: UInt64, _ divisor: UInt64) -> UInt64 {
    // In floating point: ten times a remainder of EiB does not fit 64 bits.
    value / divisor * 10 + UInt64((Double(value % divisor) * 10 / Double(divisor)).rounded())
  }
}
