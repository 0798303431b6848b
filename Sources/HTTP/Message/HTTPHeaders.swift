/// The header fields of a message, in order; names compare without regard to case (RFC 9110 §5.1).
public struct HTTPHeaders: Sendable, Equatable {
  /// One field line.
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public private(set) var fields: [Field] = []

  public init() {}

  /// The value of the first field with this name.
  public subscript(name: String) -> String? {
    fields.first { HTTPHeaders.namesMatch($0.name, name) }?.value
  }

  /// The values of all fields with this name, in order.
  public func values(_ name: String) -> [String] {
    fields.filter { HTTPHeaders.namesMatch($0.name, name) }.map(\.value)
  }

  /// Adds a field after those there are, also when one has this name already.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// Names are ASCII, so folding only ASCII letters is exact and needs no Unicode tables.
  static func namesMatch(_ left: String, _ right: String) -> Bool {
    left.utf8.elementsEqual(right.utf8) { folded($0) == folded($1) }
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (0x41...0x5a).contains(byte) ? byte | 0x20 : byte
  }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, String)...) {
    for (name, value) in elements { append(name, value) }
  }
}

extension HTTPHeaders {
  /// Whether every name is a token and no value can end its line (RFC 9110 §5.5, §5.6.2).
  ///
  /// What fails this could add fields, or a whole second message, to what is sent.
  public var isWellFormed: Bool {
    fields.allSatisfy { HTTPHeaders.isToken($0.name) && HTTPHeaders.isFieldValue($0.value) }
  }

  static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
      }
  }

  private static func isFieldValue(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == 0x09 || ($0 >= 0x20 && $0 != 0x7f) }
  }
}
