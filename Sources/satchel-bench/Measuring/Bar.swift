import Foundation

/// What a row's ratio is asked to be.
enum Bar: Sendable {
  case atLeast(Double)
  case atMost(Double)
  /// Shown for what it is.
  case none

  func holds(_ ratio: Double) -> Bool {
    switch self {
    case .atLeast(let bound): ratio >= bound
    case .atMost(let bound): ratio <= bound
    case .none: true
    }
  }

  var text: String {
    switch self {
    case .atLeast(let bound): "≥ \(bound.short)"
    case .atMost(let bound): "≤ \(bound.short)"
    case .none: "–"
    }
  }
}

extension Double {
  /// Three digits that mean something: `0.413`, `2.75`, `18.3`, `1520`.
  var short: String {
    guard isFinite else { return "–" }
    let digits = magnitude >= 1000 ? 0 : magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2
    let text = String(format: "%.\(magnitude < 1 ? 3 : digits)f", self)
    guard text.contains(".") else { return text }
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }
}
