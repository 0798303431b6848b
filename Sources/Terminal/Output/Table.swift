/// Rows in aligned columns, for people.
public struct Table: Sendable {
  public struct Column: Sendable {
    public enum Alignment: Sendable {
      case left, right
    }

    public let title: String
    public let alignment: Alignment

    public init(_ title: String, _ alignment: Alignment = .left) {
      self.title = title
      self.alignment = alignment
    }
  }

  private let columns: [Column]
  private let rows: [[String]]

  /// Cells may hold any text; what a terminal could act on is escaped.
  public init(columns: [Column], rows: [[String]]) {
    precondition(rows.allSatisfy { $0.count == columns.count })
    self.columns = columns
    self.rows = rows.map { $0.map(Text.printable) }
  }

  /// The titles and all rows, one line each; nothing when there are no rows.
  public var text: String {
    guard !rows.isEmpty else { return "" }
    return lines([columns.map(\.title)] + rows).map { $0 + "\n" }.joined()
  }

  /// The rows alone.
  var bodyLines: [String] { lines(rows) }

  private func lines(_ rows: [[String]]) -> [String] {
    let widths = columns.indices.map { column in
      rows.map { Text.width($0[column]) }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (index, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[index] - Text.width(cell))
        line += columns[index].alignment == .left ? cell + padding : padding + cell
        line += "  "
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
