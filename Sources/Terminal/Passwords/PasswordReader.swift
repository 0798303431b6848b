import Foundation

/// Reads a password into memory that is wiped after use.
public struct PasswordReader: Sendable {
  public static let byteCountMax = 4096

  private let source: PasswordSource
  private let noun: String
  private let terminalPath: String
  private let warn: @Sendable (String) -> Void

  /// - Parameters:
  ///   - noun: what people call it, where it is not the password of a home.
  ///   - output: gets the warning about a file that others can read.
  public init(_ source: PasswordSource, noun: String = "password", output: Output = .standard) {
    self.init(source, noun: noun, terminalPath: "/dev/tty", warn: { output.warning($0) })
  }

  init(
    _ source: PasswordSource, noun: String = "password", terminalPath: String,
    warn: @escaping @Sendable (String) -> Void
  ) {
    self.source = source
    self.noun = noun
    self.terminalPath = terminalPath
    self.warn = warn
  }

  /// Hands the password to `body`, and wipes it afterwards however that ends.
  ///
  /// One line end at its end is not part of it. Empty ones and such over ``byteCountMax`` are
  /// refused.
  ///
  /// - Parameters:
  ///   - prompt: without the colon, for the terminal.
  ///   - isNew: asks twice on a terminal, and takes it only when both are the same.
  public func withPassword<R>(
    prompt: String = "Password", isNew: Bool = false, _ body: (UnsafeRawBufferPointer) throws -> R
  ) throws -> R {
    // Room for the line end, and for one byte that shows there is too much.
    let password = WipedBuffer(capacity: PasswordReader.byteCountMax + 3)
    switch source {
    case .terminal: try ask(prompt, isNew: isNew, into: password)
    case .file(let path): try readFile(path, into: password)
    case .descriptor(let descriptor): try read(descriptor, into: password)
    }
    guard password.count > 0 else { throw Failure("the \(noun) is empty") }
    guard password.count <= PasswordReader.byteCountMax else { throw PasswordReader.tooLong(noun) }
    defer { password.wipe() }
    return try body(password.bytes)
  }

  static func tooLong(_ noun: String = "password") -> Failure {
    Failure("the \(noun) is longer than \(byteCountMax) bytes")
  }

  private func ask(_ prompt: String, isNew: Bool, into password: WipedBuffer) throws(Failure) {
    let terminal = try PasswordTerminal(path: terminalPath)
    try terminal.readLine(prompt: "\(prompt): ", into: password)
    guard isNew else { return }
    let again = WipedBuffer(capacity: PasswordReader.byteCountMax + 3)
    try terminal.readLine(prompt: "\(prompt) again: ", into: again)
    guard password.bytes.elementsEqual(again.bytes) else {
      throw Failure("the two passwords differ", hint: "try again")
    }
  }

  private func readFile(_ path: String, into password: WipedBuffer) throws(Failure) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else {
      throw Failure("cannot read the \(noun) file \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_mode & (S_IRGRP | S_IROTH) != 0
    {
      warn("the \(noun) file \(path) can be read by others; “chmod 600” makes it private")
    }
    try read(descriptor, into: password)
  }

  private func read(_ descriptor: Int32, into password: WipedBuffer) throws(Failure) {
    while !password.free.isEmpty {
      let count = Foundation.read(descriptor, password.free.baseAddress, password.free.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure("cannot read the \(noun): \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      password.extend(by: count)
    }
    guard !password.free.isEmpty else { throw PasswordReader.tooLong(noun) }
    password.dropLineEnd()
  }
}
