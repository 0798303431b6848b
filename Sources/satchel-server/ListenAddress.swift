import Terminal

/// Where to listen: a numeric host and a port, `127.0.0.1:8080` or `[::1]:8080`.
struct ListenAddress {
  let host: String
  let port: UInt16

  init(_ text: String) throws(Failure) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { throw Self.malformed }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    guard !host.isEmpty else { throw Self.malformed }
    self.host = String(host)
    self.port = port
  }

  private static var malformed: Failure {
    Failure.usage("--listen takes a numeric address and a port: 127.0.0.1:8080")
  }

  /// Only this machine can reach it.
  var isLoopback: Bool { host.hasPrefix("127.") || host == "::1" }
}
