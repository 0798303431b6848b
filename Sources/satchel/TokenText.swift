import Foundation
import Signing
import SyncProtocol
import Terminal

/// Tokens with a secret in them, in and out of the program without a string where that can be helped.
enum TokenText {
  private static let byteCountMax = 4096

  /// Reads a token from the command line, where the list of processes shows it, or as `-` from a line
  /// of standard input, where nobody else sees it.
  ///
  /// - Returns: `nil` where it is no whole token of the type.
  static func parse<Token: SecretToken>(
    _ type: Token.Type, _ option: String
  ) throws(Failure) -> Token? {
    guard option == "-" else { return token { () throws(WireError) in try Token(token: option) } }
    var line = SecretBytes(count: byteCountMax)
    let count = line.withUnsafeMutableBytes { readLine(into: $0) }
    guard count > 0 else { throw Failure.usage("there is no token on standard input") }
    return token { () throws(WireError) in
      try line.withUnsafeBytes { (line) throws(WireError) in
        try Token(token: UnsafeRawBufferPointer(rebasing: line[..<count]))
      }
    }
  }

  private static func token<Token>(_ body: () throws(WireError) -> Token) -> Token? {
    do throws(WireError) { return try body() } catch { return nil }
  }

  /// Byte by byte, because what follows on standard input is for others.
  private static func readLine(into line: UnsafeMutableRawBufferPointer) -> Int {
    var count = 0
    while count < line.count {
      let read = read(STDIN_FILENO, line.baseAddress?.advanced(by: count), 1)
      if read < 0, errno == EINTR { continue }
      guard read == 1, line[count] != UInt8(ascii: "\n") else { break }
      count += 1
    }
    return count
  }
}

extension Output {
  /// A line with a token.
  func token(_ token: some SecretToken) {
    token.withToken { write($0) }
    write("\n")
  }
}
