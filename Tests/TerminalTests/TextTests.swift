import Testing

@testable import Terminal

@Suite struct TextTests {
  @Test(arguments: [
    ("plain", "plain"), ("two\nlines", "two\\nlines"), ("\t\r", "\\t\\r"),
    ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"), ("\u{0}\u{7f}", "\\u{0}\\u{7f}"),
    ("\u{85}\u{9b}31m", "\\u{85}\\u{9b}31m"), ("a\u{202e}txt.exe", "a\\u{202e}txt.exe"),
    ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\u{200b}\u{feff}", "\\u{200b}\\u{feff}"),
    ("Müller 漢字 👩‍👩‍👧 שלום", "Müller 漢字 👩‍👩‍👧 שלום"), ("می‌خواهم", "می‌خواهم"),
    ("back\\slash", "back\\slash"), ("\u{2066}\u{2069}", "\\u{2066}\\u{2069}"),
  ])
  func unsafeCharactersAreEscaped(text: String, printable: String) {
    #expect(Text.printable(text) == printable)
  }

  @Test func everyControlCharacterIsEscaped() {
    for value in Array(0..<0x20) + Array(0x7f..<0xa0) as [UInt8] {
      let printable = Text.printable(String(Unicode.Scalar(value)))
      #expect(printable.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7f })
    }
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("ﾊﾝ", 2), ("한글", 4), ("ｆ", 2),
    ("👩‍👩‍👧", 2), ("🇩🇪", 2), ("👍🏽", 2), ("❤️", 2), ("→", 1), ("日本 ok", 7), ("ß", 1), ("שלום", 4),
  ])
  func displayWidth(text: String, width: Int) {
    #expect(Text.width(text) == width)
  }

  @Test(arguments: [
    ("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 5, "漢字…"),
    ("漢字漢字", 4, "漢…"), ("abc", 1, "…"), ("abc", 0, ""),
  ])
  func truncation(text: String, width: Int, result: String) {
    let truncated = Text.truncated(text, width: width)
    #expect(truncated == result)
    #expect(Text.width(truncated) <= width)
  }

  @Test func tableIsAligned() {
    let table = Table(
      columns: [Table.Column("NAME"), Table.Column("SIZE", .right), Table.Column("NOTE")],
      rows: [["漢字.txt", "12 B", "x"], ["a", "1.5 KiB", ""], ["👩‍👩‍👧", "0 B", "new\nline"]])
    #expect(
      table.text == """
        NAME         SIZE  NOTE
        漢字.txt     12 B  x
        a         1.5 KiB
        👩‍👩‍👧            0 B  new\\nline

        """)
  }

  @Test func emptyTableIsNothing() {
    #expect(Table(columns: [Table.Column("NAME")], rows: []).text.isEmpty)
  }
}
