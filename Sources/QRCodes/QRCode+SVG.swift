extension QRCode {
  /// How many modules a side of ``writeSVG(x:y:side:to:)``'s picture has, the light ones included.
  public var sideModuleCount: Int { moduleCount + 2 * Self.quietModuleCount }

  /// Writes an `svg` element (SVG 1.1) with the code: black on white, `side` user units wide, its
  /// upper left corner at (`x`, `y`). Stands alone or inside another one.
  ///
  /// - Parameter emit: gets the text in small pieces, of which none is longer than a run of modules,
  ///   so that a secret need not be in one string.
  public func writeSVG(x: Int = 0, y: Int = 0, side: Int = 320, to emit: (String) -> Void) {
    let count = sideModuleCount
    emit("<svg xmlns=\"http://www.w3.org/2000/svg\" x=\"\(x)\" y=\"\(y)\" width=\"\(side)\"")
    emit(" height=\"\(side)\" viewBox=\"0 0 \(count) \(count)\" shape-rendering=\"crispEdges\">")
    emit("<rect width=\"\(count)\" height=\"\(count)\" fill=\"#fff\"/><path d=\"")
    for row in 0..<moduleCount {
      var column = 0
      while column < moduleCount {
        let start = column
        while isDark(row: row, column: column) { column += 1 }
        if column > start { emitRun(row: row, start: start, end: column, to: emit) }
        column += 1
      }
    }
    emit("\" fill=\"#000\"/></svg>\n")
  }

  /// ``writeSVG(x:y:side:to:)`` in one piece, for what is no secret.
  public func svg(side: Int = 320) -> String {
    var text = ""
    writeSVG(side: side) { text += $0 }
    return text
  }

  private func emitRun(row: Int, start: Int, end: Int, to emit: (String) -> Void) {
    let quiet = Self.quietModuleCount
    emit("M\(start + quiet),\(row + quiet)")
    emit("h\(end - start)v1h-\(end - start)z")
  }
}
