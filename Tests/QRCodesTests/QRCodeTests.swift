import QRCodes
import Testing

@Suite struct QRCodeTests {
  /// The three corners that readers look for (ISO/IEC 18004, 6.3.3).
  @Test func cornersAreFinders() throws {
    let code = try #require(QRCode(text: "satchel"))
    let last = code.moduleCount - 7
    for (row, column) in [(0, 0), (0, last), (last, 0)] {
      for offset in 0..<7 {
        #expect(code.isDark(row: row, column: column + offset))
        #expect(code.isDark(row: row + 6, column: column + offset))
        #expect(code.isDark(row: row + 3, column: column + offset) == (offset != 1 && offset != 5))
      }
    }
  }

  @Test func aroundItIsLight() throws {
    let code = try #require(QRCode(text: "satchel"))
    #expect(!code.isDark(row: -1, column: 0))
    #expect(!code.isDark(row: 0, column: code.moduleCount))
    #expect(code.sideModuleCount == code.moduleCount + 8)
  }

  @Test func differentTextsDiffer() throws {
    let first = try #require(QRCode(text: "one"))
    let second = try #require(QRCode(text: "two"))
    #expect(first.svg() != second.svg())
    #expect(first.svg() == QRCode(text: "one")?.svg())
  }

  @Test func whatDoesNotFitIsRefused() {
    #expect(QRCode(text: "") == nil)
    #expect(QRCode([UInt8](repeating: 0x61, count: QRCode.byteCountMax + 1)) == nil)
    #expect(QRCode([UInt8](repeating: 0x61, count: QRCode.byteCountMax))?.moduleCount == 177)
  }

  @Test func linesForATerminalHaveTheSameModules() throws {
    let code = try #require(QRCode(text: "satchel"))
    let lines = code.terminalText().split(separator: "\n").map(Array.init)
    #expect(lines.count == (code.sideModuleCount + 1) / 2)
    for row in 0..<code.moduleCount {
      for column in 0..<code.moduleCount {
        let sign = lines[(row + 4) / 2][column + 4]
        let light: Set<Character> = row.isMultiple(of: 2) ? ["█", "▀"] : ["█", "▄"]
        #expect(light.contains(sign) != code.isDark(row: row, column: column))
      }
    }
  }
}

extension QRCode {
  convenience init?(_ bytes: [UInt8]) {
    // The code keeps nothing of the bytes.
    self.init(text: String(decoding: bytes, as: UTF8.self))
  }
}
