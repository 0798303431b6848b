/// The name of a file or folder. Two names are the same if their bytes are: what a file system tells
/// apart stays apart, whatever Unicode says of it.
struct VaultName: Hashable, Comparable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (left: Self, right: Self) -> Bool {
    left.text.utf8.elementsEqual(right.text.utf8)
  }

  func hash(into hasher: inout Hasher) {
    for byte in text.utf8 { hasher.combine(byte) }
    hasher.combine(0xff as UInt8)
  }

  static func < (left: Self, right: Self) -> Bool {
    left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
  }

  /// Bytes of a stored name: what the record types of folder, file and share allow.
  static let byteCountMax = 400

  /// Why a person cannot give this name; `nil` where they can.
  var problem: String? {
    switch text {
    case "": return "a name cannot be empty"
    case ".", "..": return "a name cannot be “\(text)”"
    default: break
    }
    if text.utf8.contains(0x2f) { return "a name cannot hold a slash" }
    if text.utf8.contains(0) { return "a name cannot hold a zero character" }
    if text.utf8.count > Self.byteCountMax {
      return "the name has \(text.utf8.count) bytes; at most \(Self.byteCountMax) are possible"
    }
    return nil
  }

  /// The name as part of a path, here or on a disk: never one that leads elsewhere.
  var safe: VaultName {
    switch text {
    case "": return VaultName("_")
    case ".": return VaultName("_")
    case "..": return VaultName("__")
    default:
      return VaultName(
        String(
          String.UnicodeScalarView(
            text.unicodeScalars.map { scalar in
              scalar == "/" || scalar.value == 0 ? "_" : scalar
            })))
    }
  }

  /// `report (2).pdf`: the name of the second of two files that have one name.
  func numbered(_ number: Int) -> VaultName {
    guard let dot = text.utf8.lastIndex(of: 0x2e), dot != text.startIndex else {
      return VaultName("\(text) (\(number))")
    }
    return VaultName("\(text[..<dot]) (\(number))\(text[dot...])")
  }
}
