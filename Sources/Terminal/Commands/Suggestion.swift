/// The candidate that a mistyped word was most likely meant to be.
enum Suggestion {
  /// nil when none is near: more than a third of the word would have to change.
  static func nearest(to word: String, among candidates: [String]) -> String? {
    let word = Array(word.unicodeScalars.prefix(64))
    let distanceMax = max(1, word.count / 3)
    let rated = candidates.map { (distance(word, Array($0.unicodeScalars)), $0) }
    guard let best = rated.min(by: { $0.0 < $1.0 }), best.0 <= distanceMax else { return nil }
    return best.1
  }

  /// Insertions, deletions, replacements and swaps of neighbours (Damerau, 1964, restricted).
  static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var rows = [Array(0...right.count)]
    for i in 1..<(left.count + 1) {
      var row = [i]
      for j in 1..<(right.count + 1) {
        let change = left[i - 1] == right[j - 1] ? 0 : 1
        var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + change)
        if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
          best = min(best, rows[i - 2][j - 2] + 1)
        }
        row.append(best)
      }
      rows.append(row)
    }
    return rows[left.count][right.count]
  }
}
