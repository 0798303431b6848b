/// What came of a row's rounds.
struct Measurement: Sendable {
  /// One a round: ours against the yardstick of the same round.
  var ratios: [Double]
  /// What the ratio is of, by name, with its unit in it: `ours rows/s`, `plain rows/s`.
  var figures: [String: Double]

  /// - Precondition: at least one round.
  init(ratios: [Double], figures: [String: Double] = [:]) {
    precondition(!ratios.isEmpty)
    self.ratios = ratios
    self.figures = figures
  }

  /// A figure that is counted, not timed: the same each time.
  init(exactly ratio: Double, figures: [String: Double] = [:]) {
    self.init(ratios: [ratio], figures: figures)
  }

  var ratio: Double { ratios.median }
  var spread: ClosedRange<Double> { (ratios.min() ?? 0)...(ratios.max() ?? 0) }
}

extension [Double] {
  /// The one in the middle; of two, their mean.
  var median: Double {
    precondition(!isEmpty)
    let sorted = sorted()
    let middle = count / 2
    return count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// The smallest value that so many of a hundred do not exceed.
  func percentile(_ percent: Double) -> Double {
    precondition(!isEmpty)
    let index = Int((percent / 100 * Double(count)).rounded(.up)) - 1
    return sorted()[Swift.max(0, Swift.min(count - 1, index))]
  }
}
