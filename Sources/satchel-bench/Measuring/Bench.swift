import Foundation

/// What a row is given to measure with: how often, how much, and where.
struct Bench: Sendable {
  /// Counted rounds; one before them is not.
  var roundCount = 5
  /// A part of the work, for trying a row out; 1 is what the bars are for.
  var scale = 1.0
  /// On the disk that is measured.
  var folder: String

  /// A count of things, made smaller by ``scale``.
  func scaled(_ count: Int, atLeast least: Int = 1) -> Int {
    max(least, Int((Double(count) * scale).rounded()))
  }

  /// Runs the work and its yardstick in turn, so that both meet the same noise, and compares what they
  /// gave round by round.
  ///
  /// - Parameters:
  ///   - unit: of both figures.
  ///   - name: the yardstick's.
  ///   - ours: one round of the work; gives its figure, such as rows a second.
  ///   - yardstick: one round of what it is compared with, in the same unit.
  func interleaved(
    _ unit: String, against name: String, ours: () throws -> Double, yardstick: () throws -> Double
  ) rethrows -> Measurement {
    _ = try ours()
    _ = try yardstick()
    var pairs: [(ours: Double, yardstick: Double)] = []
    for round in 0..<roundCount {
      // Whoever goes first may find the machine in another state.
      if round.isMultiple(of: 2) {
        let first = try ours()
        pairs.append((first, try yardstick()))
      } else {
        let first = try yardstick()
        pairs.append((try ours(), first))
      }
    }
    return Measurement(
      ratios: pairs.map { $0.ours / $0.yardstick },
      figures: [
        "ours \(unit)": pairs.map(\.ours).median, "\(name) \(unit)": pairs.map(\.yardstick).median,
      ])
  }

  /// A folder of its own on the disk that is measured, gone afterwards.
  func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = "\(folder)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let result = Swift.Result { try body(path) }
    try FileManager.default.removeItem(atPath: path)
    return try result.get()
  }

  /// Seconds that the work took.
  static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let clock = ContinuousClock()
    let duration = try clock.measure(body)
    return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
  }
}
