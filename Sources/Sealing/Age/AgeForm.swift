/// How an age file is written.
public enum AgeForm: Sendable {
  /// As its bytes are.
  case binary
  /// In ASCII armor, for mail and for pasting.
  case armored
}

/// Writes an age file's bytes in one form or the other.
struct FormWriter {
  private let armor: ArmorWriter?

  init(_ form: AgeForm) {
    switch form {
    case .binary: armor = nil
    case .armored: armor = ArmorWriter()
    }
  }

  func update(_ bytes: UnsafeRawBufferPointer, sink: (UnsafeRawBufferPointer) throws -> Void) throws
  {
    guard let armor else { return try sink(bytes) }
    try armor.update(bytes) { try $0.withUnsafeBytes(sink) }
  }

  func finish(sink: (UnsafeRawBufferPointer) throws -> Void) throws {
    try armor?.finish { try $0.withUnsafeBytes(sink) }
  }
}
