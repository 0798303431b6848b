@testable import Schemas

/// A schema file that a test changes in one place.
struct SchemaFile {
  var root: JSONValue

  init(_ root: JSONValue) { self.root = root }

  /// A built-in type.
  init(builtIn type: String) throws {
    let file = BuiltInSchema.files.first { $0.name == "\(type).json" }!
    root = try JSONReader.read(file: file.name, bytes: file.bytes)
  }

  init(_ text: String) throws {
    root = try JSONReader.read(file: "test", bytes: Array(text.utf8))
  }

  var bytes: [UInt8] { Array(root.text.utf8) }

  /// Puts JSON at a path as errors show it: `workflows.ticket.transitions[2].to`.
  mutating func set(_ path: String, _ json: String) throws {
    let value = try JSONReader.read(file: "test", bytes: Array(json.utf8))
    root = root.replacing(Self.steps(path)[...], with: value)
  }

  mutating func remove(_ path: String) {
    root = root.replacing(Self.steps(path)[...], with: nil)
  }

  private static func steps(_ path: String) -> [JSONValue.Step] {
    path.split(separator: ".").flatMap { part in
      let pieces = part.split(separator: "[")
      let key = JSONValue.Step.key(String(pieces[0]))
      return [key] + pieces.dropFirst().map { .index(Int($0.dropLast())!) }
    }
  }
}

extension JSONValue {
  enum Step {
    case key(String)
    case index(Int)
  }

  /// `nil` takes the member or item away. A key that is not there is added.
  func replacing(_ steps: ArraySlice<Step>, with value: JSONValue?) -> JSONValue {
    guard let step = steps.first else { return value ?? .null }
    let rest = steps.dropFirst()
    switch (step, self) {
    case (.key(let key), .object(var members)):
      let index = members.firstIndex { $0.key == key }
      if rest.isEmpty, value == nil {
        members.removeAll { $0.key == key }
      } else if let index {
        members[index].value = members[index].value.replacing(rest, with: value)
      } else {
        members.append((key, JSONValue.object([]).replacing(rest, with: value)))
      }
      return .object(members)
    case (.index(let index), .array(var items)):
      if rest.isEmpty, value == nil {
        items.remove(at: index)
      } else {
        items[index] = items[index].replacing(rest, with: value)
      }
      return .array(items)
    default: preconditionFailure("no such path in the file under test")
    }
  }

  /// As JSON again. Only for texts without characters that need an escape.
  var text: String {
    switch self {
    case .object(let members):
      "{" + members.map { "\"\($0.key)\":\($0.value.text)" }.joined(separator: ",") + "}"
    case .array(let items): "[" + items.map(\.text).joined(separator: ",") + "]"
    case .string(let value): "\"\(value)\""
    case .integer(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .null: "null"
    }
  }
}

extension JSONValue: Equatable {
  /// Objects are equal in any order of keys, as JSON Schema has it.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.object(let left), .object(let right)):
      left.count == right.count
        && left.allSatisfy { member in
          right.contains { $0.key == member.key && $0.value == member.value }
        }
    case (.array(let left), .array(let right)): left == right
    case (.string(let left), .string(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.bool(let left), .bool(let right)): left == right
    case (.null, .null): true
    default: false
    }
  }
}
