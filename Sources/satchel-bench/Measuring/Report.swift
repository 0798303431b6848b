import Terminal

/// The rows that were run, as a table for people and as JSON for machines.
struct Report {
  struct Line {
    let row: Row
    let result: Result<Measurement, any Error>

    /// `nil` where the row was left out.
    var holds: Bool? {
      switch result {
      case .success(let measurement): row.bar.holds(measurement.ratio)
      case .failure(is PeerMissing): nil
      case .failure: false
      }
    }
  }

  let machine: Machine
  var lines: [Line] = []

  /// Whether each row was measured, or left out for a peer that is not here.
  var isWhole: Bool {
    lines.allSatisfy { line in
      switch line.result {
      case .success, .failure(is PeerMissing): true
      case .failure: false
      }
    }
  }

  /// How many bars do not hold.
  var failureCount: Int { lines.count { $0.holds == false } }

  /// What people are told of a row, as soon as it is known.
  static func text(_ line: Line) -> [String] {
    switch line.result {
    case .success(let measurement):
      let spread = measurement.spread
      let figures = measurement.figures.sorted { $0.key < $1.key }
        .map { "\($0.key): \($0.value.short)" }.joined(separator: ", ")
      let range = "\(spread.lowerBound.short) to \(spread.upperBound.short)"
      return [
        "\(line.holds == true ? "✔" : "✘") \(line.row.name): \(measurement.ratio.short) (\(range)), "
          + "bar \(line.row.bar.text)",
        "    \(line.row.work)", "    \(figures)",
      ]
    case .failure(let error as PeerMissing):
      return ["– \(line.row.name): left out: \(error)"]
    case .failure(let error):
      return ["✘ \(line.row.name): not measured: \(error)"]
    }
  }

  var json: JSONValue {
    ["machine": machine.json, "rows": .array(lines.map(Self.json))]
  }

  private static func json(_ line: Line) -> JSONValue {
    var members: [String: JSONValue] = [
      "name": .string(line.row.name), "work": .string(line.row.work),
      "bar": .string(line.row.bar.text), "holds": line.holds.map { .bool($0) } ?? .null,
    ]
    switch line.result {
    case .success(let measurement):
      members["ratio"] = .number(measurement.ratio)
      members["spread"] = [
        .number(measurement.spread.lowerBound), .number(measurement.spread.upperBound),
      ]
      members["figures"] = .object(measurement.figures.mapValues { .number($0) })
    case .failure(let error):
      members["ratio"] = .null
      members["error"] = .string("\(error)")
    }
    return .object(members)
  }
}
