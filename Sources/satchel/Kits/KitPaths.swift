import Foundation
import Terminal

/// Where the page of a new recovery kit goes: files of their owner's only, or the terminal.
final class KitPaths {
  private let text: String?
  private let svg: String?
  private var written: [String] = []

  init(text: String?, svg: String?) {
    self.text = text
    self.svg = svg
  }

  var isEmpty: Bool { text == nil && svg == nil }

  /// Nothing may lie where the page goes: said before anything that cannot be taken back.
  func requireFree() throws {
    for case let path? in [text, svg] where FileManager.default.fileExists(atPath: path) {
      throw Failure("there is a file at \(path) already")
    }
  }

  /// Writes the page. What an earlier try wrote is replaced.
  func write(_ page: borrowing KitPage) throws {
    try remove()
    if isEmpty {
      page.text().withBytes { Session.shared.output.write($0) }
      page.scanned().writeText { Session.shared.output.write($0) }
      return
    }
    if let text { try page.text().withBytes { try write($0, to: text) } }
    if let svg { try page.svg().withBytes { try write($0, to: svg) } }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
    do {
      try NewFile.write(bytes, to: path)
    } catch {
      try remove()
      throw error
    }
    written.append(path)
  }

  /// Takes back what was written for a kit that nobody will ever have.
  func remove() throws {
    for path in written where unlink(path) != 0 {
      throw Failure("\(path) could not be removed", hint: "remove it: the kit does not count")
    }
    written = []
  }
}
