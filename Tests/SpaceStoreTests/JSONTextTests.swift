import CBOR
import Foundation
import Merge
import TestSupport
import Testing

@testable import SpaceStore

@Suite struct JSONTextTests {
  @Test func whatIsWrittenIsReadBack() throws {
    var generator = SplitMix64(seed: 1)
    for kind in [Field.Kind.text, .integer, .boolean, .account, .record("remark"), .bytes] {
      for _ in 0..<100 {
        let values = (0..<generator.number(0...4)).map { _ in generator.value(of: kind) }
        let json = JSONText.array(values.map(JSONText.element))
        let back = try JSONText.elements(json, kind)
        #expect(back == values, "\(json)")
      }
    }
  }

  @Test func itIsJSONForOthers() throws {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<200 {
      let texts = (0..<generator.number(1...4)).map { _ in generator.text() }
      let json = JSONText.array(texts.map(JSONText.quoted))
      let parsed = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String]
      let same = parsed?.map { Array($0.utf8) } == texts.map { Array($0.utf8) }
      #expect(same, "\(json)")
    }
  }

  @Test(arguments: [
    "", "[", "]", "[1", "[1,", "[1,]x", "[1]]", "[\"a]", "[\"\\", "[\"\\u00", "[\"\\u0g00\"]",
    "[x]",
    "[1 2]", "[,]", "null", "[\"a\"\"b\"]",
  ])
  func whatWasNotWrittenHereIsDamage(_ json: String) {
    #expect(throws: StateError.damaged) { try JSONText.elements(json, .integer) }
  }

  @Test func bytesAreHexadecimal() throws {
    #expect(JSONText.element(.bytes([0, 10, 255])) == "\"000aff\"")
    #expect(throws: StateError.damaged) { try JSONText.elements("[\"abc\"]", .bytes) }
    #expect(throws: StateError.damaged) { try JSONText.elements("[\"zz\"]", .bytes) }
  }
}
