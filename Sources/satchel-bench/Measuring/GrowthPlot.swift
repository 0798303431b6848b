import Foundation

/// Small multiples on axes with logarithms, as one SVG.
struct GrowthPlot {
  struct Panel {
    /// What grows.
    let title: String
    /// Of the lines.
    let names: [String]
    /// Milliseconds of each line, by size.
    private(set) var points: [(size: Double, milliseconds: [Double])] = []

    init(title: String, names: [String]) {
      self.title = title
      self.names = names
    }

    mutating func add(_ size: Double, _ milliseconds: [Double]) {
      precondition(milliseconds.count == names.count)
      points.append((size, milliseconds))
    }

    /// As a table for people.
    var text: [String] {
      ["", "\(title): ms to \(names.joined(separator: "; "))"]
        + points.map { point in
          "\(Int(point.size)): " + point.milliseconds.map(\.short).joined(separator: "  ")
        }
    }
  }

  let panels: [Panel]

  private let width = 360.0
  private let height = 260.0
  private let left = 52.0
  private let right = 16.0
  private let top = 30.0
  private let bottom = 64.0
  private let colours = ["#1b6ca8", "#c8553d", "#4f8a5b"]

  /// Two panels a row.
  var svg: String {
    let rowCount = Double((panels.count + 1) / 2)
    var text =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(2 * width) \(rowCount * height)\""
      + " font-family=\"sans-serif\" font-size=\"11\" fill=\"#222\">\n"
      + "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    for (index, panel) in panels.enumerated() {
      let place = (Double(index % 2) * width, Double(index / 2) * height)
      text += "<g transform=\"translate(\(place.0) \(place.1))\">\n\(self.text(panel))</g>\n"
    }
    return text + "</svg>\n"
  }

  private func text(_ panel: Panel) -> String {
    let x = decades(panel.points.map(\.size))
    let y = decades(panel.points.flatMap(\.milliseconds))
    func placeX(_ value: Double) -> Double {
      left + (log10(value) - x.lowerBound) / (x.upperBound - x.lowerBound) * (width - left - right)
    }
    func placeY(_ value: Double) -> Double {
      let part = (log10(max(value, 1e-6)) - y.lowerBound) / (y.upperBound - y.lowerBound)
      return height - bottom - part * (height - top - bottom)
    }
    var text = "<text x=\"\(left)\" y=\"18\" font-size=\"13\">ms, by \(panel.title)</text>\n"
    for power in stride(from: x.lowerBound, through: x.upperBound, by: 1) {
      let place = placeX(pow(10, power))
      text += rule(place, top, place, height - bottom)
      text += label(place, height - bottom + 15, "middle", power)
    }
    for power in stride(from: y.lowerBound, through: y.upperBound, by: 1) {
      let place = placeY(pow(10, power))
      text += rule(left, place, width - right, place)
      text += label(left - 6, place + 4, "end", power)
    }
    for (index, name) in panel.names.enumerated() {
      let colour = colours[index % colours.count]
      let points = panel.points.map { ($0.size, $0.milliseconds[index]) }
        .map { "\(placeX($0.0).short),\(placeY($0.1).short)" }
      text += "<polyline points=\"\(points.joined(separator: " "))\" fill=\"none\""
      text += " stroke=\"\(colour)\" stroke-width=\"2\"/>\n"
      for point in points {
        let parts = point.split(separator: ",")
        text += "<circle cx=\"\(parts[0])\" cy=\"\(parts[1])\" r=\"2.5\" fill=\"\(colour)\"/>\n"
      }
      let place = left + Double(index) * 100
      text += "<text x=\"\(place)\" y=\"\(height - 24)\" fill=\"\(colour)\">\(name)</text>\n"
    }
    return text
  }

  /// Whole powers of ten around the values; at least one decade.
  private func decades(_ values: [Double]) -> ClosedRange<Double> {
    let logarithms = values.map { log10(max($0, 1e-6)) }
    let low = (logarithms.min() ?? 0).rounded(.down)
    return low...max(low + 1, (logarithms.max() ?? 1).rounded(.up))
  }

  private func rule(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\" stroke=\"#ddd\"/>\n"
  }

  private func label(_ x: Double, _ y: Double, _ anchor: String, _ power: Double) -> String {
    "<text x=\"\(x)\" y=\"\(y)\" text-anchor=\"\(anchor)\">\(pow(10, power).short)</text>\n"
  }
}
