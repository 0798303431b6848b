import Foundation
import TestSupport
import Testing

@testable import Terminal

@Suite struct JSONValueTests {
  @Test func documentIsIndentedAndSorted() {
    let value: JSONValue = [
      "z": 1, "a": ["x", true, nil], "m": ["k": -9], "e": [], "o": .object([:]), "n": .number(1.5),
    ]
    #expect(
      value.text == """
        {
          "a": [
            "x",
            true,
            null
          ],
          "e": [],
          "m": {
            "k": -9
          },
          "n": 1.5,
          "o": {},
          "z": 1
        }

        """)
    let line = #"{"a":["x",true,null],"e":[],"m":{"k":-9},"n":1.5,"o":{},"z":1}"#
    #expect(value.lineText == line)
  }

  @Test(arguments: [
    ("\"\\/", #""\"\\/""#), ("\n\r\t", #""\n\r\t""#),
    ("\u{0}\u{1b}\u{7f}", #""\u0000\u001b\u007f""#),
    ("ä漢👍", #""ä漢👍""#), ("\u{2028}\u{9b}", #""\u2028\u009b""#),
    ("\u{e0001}", #""\udb40\udc01""#),
  ])
  func stringsAreEscaped(text: String, json: String) {
    #expect(JSONValue.string(text).lineText == json)
  }

  @Test func anotherParserReadsTheSame() throws {
    var random = SplitMix64(seed: 3)
    for _ in 0..<300 {
      let scalars = (0..<12).compactMap { _ in
        Unicode.Scalar(UInt32(random.next() % (random.next() % 4 == 0 ? 0x110000 : 0x100)))
      }
      let text = String(String.UnicodeScalarView(scalars))
      let document = JSONValue.object(["key": .string(text), "n": .integer(.max)]).text
      let parsed = try JSONSerialization.jsonObject(with: Data(document.utf8))
      let members = try #require(parsed as? [String: Any])
      let read = try #require(members["key"] as? String)
      #expect(read.unicodeScalars.elementsEqual(text.unicodeScalars))
      #expect((members["n"] as? NSNumber)?.int64Value == .max)
    }
  }
}
