/// Text of unknown origin on its way to a terminal.
public enum Text {
  /// The text with everything escaped that a terminal could act on or that hides what is there:
  /// control characters, line separators, direction changes and invisible format characters.
  ///
  /// For people to read; a machine gets ``JSONValue``, which is exact.
  public static func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isUnsafe) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case _ where isUnsafe(scalar):
        let digits = String(scalar.value, radix: 16)
        result.append(contentsOf: "\\u{\(digits)}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    // Joiners shape words in Persian and Indic scripts, and join emoji.
    if scalar.value == 0x200c || scalar.value == 0x200d { return false }
    if scalar.value >= 0x20 && scalar.value < 0x7f { return false }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
      .privateUse:
      return true
    default: return false
    }
  }

  /// How many columns of a terminal the text takes.
  public static func width(_ text: String) -> Int {
    text.reduce(0) { $0 + width($1) }
  }

  /// The longest start of the text that takes at most so many columns; an ellipsis shows a cut.
  public static func truncated(_ text: String, width widthMax: Int) -> String {
    guard width(text) > widthMax else { return text }
    guard widthMax > 0 else { return "" }
    var result = ""
    var used = 1
    for character in text {
      used += width(character)
      if used > widthMax { break }
      result.append(character)
    }
    return result + "…"
  }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if first.value < 0x300 { return first.value < 0x20 || first.value == 0x7f ? 0 : 1 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    let isEmoji =
      first.properties.isEmojiPresentation
      || character.unicodeScalars.contains { $0.value == 0xfe0f }
    return isEmoji || isWide(first.value) ? 2 : 1
  }

  /// East Asian Wide and Fullwidth (Unicode Annex 11), by blocks; emoji are found by property.
  private static func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
      0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6,
      0x16fe0...0x18cff, 0x1aff0...0x1b2ff, 0x20000...0x3fffd:
      return true
    default: return false
    }
  }
}
