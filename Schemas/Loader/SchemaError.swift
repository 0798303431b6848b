/// Why a schema file was refused: which file, where in it, what is wrong and what to do.
public struct SchemaError: Error, Hashable, Sendable {
  /// The name that the file was loaded under.
  public let file: String
  /// Keys joined by dots, places in an array in brackets: `workflows.ticket.transitions[2].to`.
  /// Empty for the file as a whole.
  public let path: String
  public let reason: Reason

  public enum Reason: Hashable, Sendable {
    // The file.
    case tooLarge(byteCountMax: Int)
    case notUTF8
    case syntax(line: Int, column: Int, expected: String)
    case tooDeep(depthMax: Int)
    case duplicateKey
    // One value.
    case wrongType(expected: String)
    case missingKey(String)
    case unknownKey(known: [String])
    case misplacedKey(belongsTo: String)
    case unknownWord(known: [String])
    case badName
    case reservedName
    case repeated
    case outOfRange(ClosedRange<Int>)
    case wrongCount(ClosedRange<Int>)
    // What keys say together.
    case notSealable(String)
    case wrongKindForRule(allowed: String)
    case orderDiffers
    case notAnEnumComponent
    case notRequired
    case notWritable(role: String)
    case undeclared(String)
    case unused
    case incompletePrecedence(missing: String)
    case unreachable(state: String)
    case noHistory
    case badParentField
    case columnTaken(String)
    case valueTooLarge(byteCountMax: Int)
    // What files say together.
    case duplicateType
    case unknownType
    case typeOfAnotherSpace
  }
}

extension SchemaError: CustomStringConvertible {
  public var description: String {
    path.isEmpty ? "\(file): \(reason)" : "\(file): \(path): \(reason)"
  }
}

extension SchemaError.Reason: CustomStringConvertible {
  public var description: String { fileProblem ?? valueProblem ?? joinedProblem }

  private var fileProblem: String? {
    switch self {
    case .tooLarge(let max): "the file is too large; a schema has at most \(max) bytes"
    case .notUTF8: "not UTF-8; save the file as UTF-8"
    case .syntax(let line, let column, let expected):
      "not JSON at line \(line), column \(column): expected \(expected)"
    case .tooDeep(let max): "nested too deep; \(max) levels are enough for every schema"
    case .duplicateKey: "the key is there twice; keep one"
    default: nil
    }
  }

  private var valueProblem: String? {
    switch self {
    case .wrongType(let expected): "expected \(expected)"
    case .missingKey(let key): "the key \"\(key)\" is missing; add it"
    case .unknownKey(let known): "unknown key; known here: \(list(known))"
    case .misplacedKey(let place): "belongs to \(place) only; remove it"
    case .unknownWord(let known): "unknown word; known here: \(list(known))"
    case .badName: "not a name; write a letter a-z, then up to 47 of a-z, 0-9 and _"
    case .reservedName: "the name is reserved; choose another"
    case .repeated: "said already; say it once"
    case .outOfRange(let range):
      "out of range; write a number from \(range.lowerBound) to \(range.upperBound)"
    case .wrongCount(let range):
      "the count is out of range; write from \(range.lowerBound) to \(range.upperBound)"
    default: nil
    }
  }

  private var joinedProblem: String {
    switch self {
    case .notSealable(let what):
      "\(what) cannot be sealed, because the server has to read it; leave out \"sealed\""
    case .wrongKindForRule(let allowed): "the rule is for \(allowed) only; change rule or kind"
    case .orderDiffers: "write every value of the enum exactly once, and no other"
    case .notAnEnumComponent: "name a component of the group whose kind is enum"
    case .notRequired: "has to be required, because the rule decides by it; add \"required\": true"
    case .notWritable(let role):
      "\(role) may not write the field; name the role under \"write\""
    case .undeclared(let what): "no such \(what); declare it or correct the name"
    case .unused: "no field uses it; remove it or name it in a field"
    case .incompletePrecedence(let state): "\(state) is missing; write every state exactly once"
    case .unreachable(let state):
      "\(state) cannot be reached from a new record; add a transition to it"
    case .noHistory: "workflows and decisions keep their history; write \"history\": \"keep\""
    case .badParentField:
      "the parent's field has to be an open, required record of the parent's type, with rule once"
    case .columnTaken(let column):
      "its column \(column) is that of another field too; rename one of them"
    case .valueTooLarge(let max):
      "one value could take more than \(max) bytes; lower \"max\" or \"bytes_max\""
    case .duplicateType: "another file declares this type; rename one of them"
    case .unknownType: "no file declares this type; add one or correct the name"
    case .typeOfAnotherSpace: "the type belongs to another kind of space; hold the id as bytes"
    default: ""
    }
  }

  private func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
