import Merge
import QRCodes
import Replica
import Signing
import SyncProtocol
import Terminal
import Words

/// A recovery kit as one page for people: text, or SVG with a QR code of code and words.
struct KitPage: ~Copyable {
  private let code: KitCode
  private let device: DeviceID
  private let madeMilliseconds: UInt64
  private let waits: Bool
  private let mnemonic: Mnemonic

  private static let wordColumns = 4

  init(_ kit: borrowing NewKit) {
    code = kit.code
    device = kit.device
    madeMilliseconds = kit.madeMilliseconds
    waits = kit.waits
    mnemonic = Mnemonic(entropy: kit.entropy.copy())
  }

  // MARK: What it says

  private var facts: [(String, String)] {
    [
      ("For", code.name.map { Text.printable($0) } ?? "the account below"),
      ("Made", ValueText.time(madeMilliseconds)),
      ("Kit", String(device.hex.prefix(16))),
      (
        "Counts",
        waits
          ? "seven days after it was made; keep the kit before it until then" : "from now on"
      ),
      ("Server", Text.printable(code.url)),
      ("Server key", Self.grouped(code.server.bytes)),
      ("Account", Self.grouped(code.account.bytes)),
    ]
  }

  private static let purpose = [
    "If all of your devices are lost, this page brings your account and its files back on an",
    "empty machine:  satchel recovery restore --kit FILE",
    "Whoever has it can do the same. Keep it as you would a passport, and keep no picture of it.",
    "It is good once; the account makes a new one then. Try it now and then, which does not use",
    "it up:  satchel recovery drill --kit FILE",
    "Without the file: satchel recovery restore --code CODE asks for the words.",
  ]

  private static func grouped(_ bytes: [UInt8]) -> String {
    stride(from: 0, to: bytes.count, by: 4)
      .map { Hex.encode(Array(bytes[$0..<min($0 + 4, bytes.count)])) }.joined(separator: " ")
  }

  // MARK: Text

  borrowing func text() -> SecretText {
    let page = SecretText(capacity: 8 * 1024)
    page.append("SATCHEL RECOVERY KIT\n\n")
    for (title, value) in facts { page.append("\(Self.padded(title + ":", 12))\(value)\n") }
    page.append("\n")
    for line in Self.purpose { page.append(line + "\n") }
    page.append("\nWords, the last of which holds a checksum:\n\n")
    let rows = mnemonic.wordCount / Self.wordColumns
    for row in 0..<rows {
      for column in 0..<Self.wordColumns {
        let position = column * rows + row + 1
        page.append(position < 10 ? "   " : "  ")
        page.append("\(position). ")
        page.append(Self.padded(mnemonic.word(at: position), 9))
      }
      page.append("\n")
    }
    page.append("\nCode:\n\(code.token)\n")
    return page
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  // MARK: QR code

  /// Code and words, as a reader gives them to `--kit`.
  borrowing func scanned() -> QRCode {
    let text = SecretText(capacity: 1024)
    text.append(code.token)
    for position in 1...mnemonic.wordCount {
      text.append(position == 1 ? "\n" : " ")
      text.append(mnemonic.word(at: position))
    }
    guard let code = text.withBytes({ QRCode($0) }) else {
      preconditionFailure("a kit fits into a QR code")
    }
    return code
  }

  // MARK: SVG

  private static let (width, height, margin, lineHeight) = (794, 1123, 56, 19)

  /// One page of A4.
  borrowing func svg() -> SecretText {
    let page = SecretText(capacity: 128 * 1024)
    page.append("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"210mm\" height=\"297mm\"")
    page.append(" viewBox=\"0 0 \(Self.width) \(Self.height)\">\n")
    page.append("<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n")
    page.append(
      "<g font-family=\"monospace\" font-size=\"13\" fill=\"#000\" xml:space=\"preserve\">\n")
    var y = Self.margin + Self.lineHeight
    line("Satchel recovery kit", size: 24, &y, page)
    for (title, value) in facts {
      line(Self.padded(title + ":", 12) + value, size: 11, &y, page)
    }
    y += Self.lineHeight
    for text in Self.purpose { line(text, size: 13, &y, page) }
    y += Self.lineHeight
    line("Words, the last of which holds a checksum:", size: 13, &y, page)
    words(&y, page)
    y += Self.lineHeight
    let token = Array(code.token)
    for start in stride(from: 0, to: token.count, by: 84) {
      let piece = String(token[start..<min(start + 84, token.count)])
      line((start == 0 ? "Code: " : "      ") + piece, size: 11, &y, page)
    }
    page.append("</g>\n")
    let side = min(Self.height - y - Self.margin, 360)
    scanned().writeSVG(x: Self.width - Self.margin - side, y: y, side: side) { page.append($0) }
    page.append("</svg>\n")
    return page
  }

  private borrowing func words(_ y: inout Int, _ page: SecretText) {
    let rows = mnemonic.wordCount / Self.wordColumns
    for row in 0..<rows {
      for column in 0..<Self.wordColumns {
        let position = column * rows + row + 1
        page.append("<text x=\"\(Self.margin + column * 165)\" y=\"\(y)\" font-size=\"16\">")
        page.append("\(position). ")
        page.append(mnemonic.word(at: position))
        page.append("</text>\n")
      }
      y += Self.lineHeight + 5
    }
  }

  private func line(_ text: String, size: Int, _ y: inout Int, _ page: SecretText) {
    page.append("<text x=\"\(Self.margin)\" y=\"\(y)\" font-size=\"\(size)\">")
    page.append(
      text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;"))
    page.append("</text>\n")
    y += max(Self.lineHeight, size + 8)
  }
}
