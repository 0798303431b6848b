extension QRCode {
  /// Writes the code as lines of text for a terminal, two rows of modules a line.
  ///
  /// Light modules are drawn, so it is right on a dark background, and most readers take it inverted
  /// on a light one too.
  ///
  /// - Parameter emit: gets one character, or the end of a line.
  public func writeText(to emit: (String) -> Void) {
    let quiet = Self.quietModuleCount
    for row in stride(from: -quiet, to: moduleCount + quiet, by: 2) {
      for column in -quiet..<moduleCount + quiet {
        switch (isDark(row: row, column: column), isDark(row: row + 1, column: column)) {
        case (false, false): emit("█")
        case (false, true): emit("▀")
        case (true, false): emit("▄")
        case (true, true): emit(" ")
        }
      }
      emit("\n")
    }
  }

  /// ``writeText(to:)`` in one piece, for what is no secret.
  public func terminalText() -> String {
    var text = ""
    writeText { text += $0 }
    return text
  }
}
