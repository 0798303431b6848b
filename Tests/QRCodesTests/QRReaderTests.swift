import Foundation
import QRCodes
import TestSupport
import Testing

/// What a reader by others makes of our picture: librsvg draws it, ZBar reads it.
@Suite(
  .enabled(
    if: ["/usr/bin/rsvg-convert", "/usr/bin/zbarimg"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: $0)
    }, "rsvg-convert or zbarimg is not here"))
struct QRReaderTests {
  @Test(arguments: [
    "satchel", String(repeating: "legal winner thank year ", count: 20), "grün – 7",
  ])
  func aReaderReadsTheText(text: String) throws {
    let code = try #require(QRCode(text: text))
    let folder = try TemporaryFolder()
    let picture = "\(folder.path)/code.svg"
    let drawn = "\(folder.path)/code.png"
    try Data(code.svg(side: 800).utf8).write(to: URL(filePath: picture))
    _ = try run("/usr/bin/rsvg-convert", ["-o", drawn, picture])
    #expect(
      try run("/usr/bin/zbarimg", ["-q", "--raw", "-Sdisable", "-Sqrcode.enable", drawn]) == text
        + "\n")
  }

  private func run(_ path: String, _ arguments: [String]) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self)
  }
}
