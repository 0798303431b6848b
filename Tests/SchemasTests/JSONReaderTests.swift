import Testing

@testable import Schemas

struct JSONReaderTests {
  private func read(_ text: String) throws(SchemaError) -> JSONValue {
    try JSONReader.read(file: "f", bytes: Array(text.utf8))
  }

  private func error(_ text: String) -> SchemaError? {
    #expect(throws: SchemaError.self) { try read(text) }
  }

  @Test(arguments: [
    ("{}", JSONValue.object([])), (" [ ] ", .array([])), ("[1,-2,0]", .array([1, -2, 0])),
    ("true", .bool(true)), ("false", .bool(false)), ("null", .null), ("\"\"", .string("")),
    ("{\"a\":{\"b\":[null]}}", .object([("a", .object([("b", .array([.null]))]))])),
    (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
    (#""\u00fc\u6c34\ud83d\ude00ü""#, .string("ü水😀ü")),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
  ])
  func reads(_ text: String, _ value: JSONValue) throws {
    #expect(try read(text) == value)
  }

  @Test(arguments: [
    "", " ", "{", "[", "\"", "\"\\", "\"\\u12", "\"\\u12g4\"", "\"\\u+123\"", "\"\\x\"", "{]", "[}",
    "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1,]", "[,1]", "[1 2]", "tru",
    "True", "nul", "01", "-", "+1", "1.0", "1e3", "9223372036854775808", "0x10", "NaN", "1 1",
    "{} {}", "// a\n{}", "\"\n\"", "\"\\ud83d\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\u{feff}{}",
  ])
  func refusesWhatIsNotJSON(_ text: String) {
    let reason = error(text)?.reason
    guard case .syntax = reason else {
      Issue.record("\(String(describing: reason))")
      return
    }
  }

  @Test func saysWhere() {
    let error = error("{\n  \"a\": [1,\n    x]\n}")
    #expect(error?.path == "a[1]")
    #expect(error?.reason == .syntax(line: 3, column: 5, expected: "a value"))
  }

  @Test func refusesDuplicateKeys() {
    let error = error(#"{"a":[{"b":1,"c":2,"b":3}]}"#)
    #expect(error?.path == "a[0].b")
    #expect(error?.reason == .duplicateKey)
  }

  @Test func seesThatAnEscapedKeyIsADuplicate() {
    #expect(error(#"{"a":1,"\u0061":2}"#)?.reason == .duplicateKey)
  }

  @Test func refusesWhatIsTooDeep() throws {
    let depth = JSONReader.depthMax
    let allowed = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    _ = try read(allowed)
    #expect(error("[" + allowed + "]")?.reason == .tooDeep(depthMax: depth))
    #expect(error(String(repeating: "[", count: 100_000))?.reason == .tooDeep(depthMax: depth))
  }

  @Test func refusesWhatIsTooLarge() throws {
    let max = JSONReader.byteCountMax
    _ = try read("{}" + String(repeating: " ", count: max - 2))
    let error = error("{}" + String(repeating: " ", count: max - 1))
    #expect(error?.reason == .tooLarge(byteCountMax: max))
  }

  @Test func refusesWhatIsNotUTF8() {
    let error = #expect(throws: SchemaError.self) {
      try JSONReader.read(file: "f", bytes: [0x22, 0xff, 0x22])
    }
    #expect(error?.reason == .notUTF8)
  }

  @Test func anErrorShowsNoControlCharacters() {
    let error = error(#"{"\u001b[31m":1,"\u001b[31m":1}"#)
    #expect(error?.path == "?[31m")
  }

  @Test func truncatedFilesNeverTrap() throws {
    let bytes = BuiltInSchema.files[0].bytes
    for end in 0..<bytes.count - 2 {
      #expect(throws: SchemaError.self) {
        try JSONReader.read(file: "f", bytes: Array(bytes[..<end]))
      }
    }
  }
}

extension JSONValue: ExpressibleByIntegerLiteral {
  public init(integerLiteral value: Int) { self = .integer(value) }
}
