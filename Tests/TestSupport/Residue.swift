/// A number modulo 2^130 - 5: slow arithmetic, enough to solve one equation.
struct Residue: Equatable {
  /// value = high · 2^128 + low, with high < 4.
  private var high: UInt8
  private var low: UInt128

  init(_ low: UInt128, high: UInt8 = 0) {
    self.low = low
    self.high = high
    reduce()
  }

  /// The sixteen bytes, the least significant first, if it is below 2^128.
  var bytes: [UInt8]? {
    guard high == 0 else { return nil }
    return (0..<16).map { UInt8(truncatingIfNeeded: low >> ($0 * 8)) }
  }

  var low128: UInt128 { low }

  private mutating func reduce() {
    while high >= 4 {
      let (sum, carry) = low.addingReportingOverflow(UInt128(high >> 2) * 5)
      high = (high & 3) + (carry ? 1 : 0)
      low = sum
    }
    if high == 3, low >= UInt128.max - 4 {
      low -= UInt128.max - 4
      high = 0
    }
  }

  func plus(_ other: Residue) -> Residue {
    let (sum, carry) = low.addingReportingOverflow(other.low)
    return Residue(sum, high: high + other.high + (carry ? 1 : 0))
  }

  func minus(_ other: Residue) -> Residue {
    // p - other, digit by digit: p is 3 · 2^128 + (2^128 - 5).
    let (difference, borrow) = (UInt128.max - 4).subtractingReportingOverflow(other.low)
    return plus(Residue(difference, high: 3 - other.high - (borrow ? 1 : 0)))
  }

  func times(_ other: Residue) -> Residue {
    var result = Residue(0)
    for bit in (0..<130).reversed() {
      result = result.plus(result)
      if other.bit(bit) { result = result.plus(self) }
    }
    return result
  }

  /// By Fermat: the power p - 2.
  func inverse() -> Residue {
    let exponent = Residue(UInt128.max - 6, high: 3)
    var result = Residue(1)
    for bit in (0..<130).reversed() {
      result = result.times(result)
      if exponent.bit(bit) { result = result.times(self) }
    }
    return result
  }

  private func bit(_ index: Int) -> Bool {
    index < 128 ? low >> index & 1 == 1 : high >> (index - 128) & 1 == 1
  }
}
