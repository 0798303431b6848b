import Merge

/// A value of a schema file together with where it stands, so that every complaint can say where.
struct SchemaNode {
  let file: String
  let path: String
  let value: JSONValue

  func error(_ reason: SchemaError.Reason) -> SchemaError {
    SchemaError(file: file, path: path, reason: reason)
  }

  func string() throws(SchemaError) -> String {
    guard case .string(let value) = value else { throw error(.wrongType(expected: "a string")) }
    return value
  }

  func bool() throws(SchemaError) -> Bool {
    guard case .bool(let value) = value else {
      throw error(.wrongType(expected: "true or false"))
    }
    return value
  }

  func integer(in range: ClosedRange<Int>) throws(SchemaError) -> Int {
    guard case .integer(let value) = value else {
      throw error(.wrongType(expected: "an integer"))
    }
    guard range.contains(value) else { throw error(.outOfRange(range)) }
    return value
  }

  /// A string that is one of the words of `type`.
  func word<Word>(_ type: Word.Type, except: [Word] = []) throws(SchemaError) -> Word
  where Word: RawRepresentable<String> & CaseIterable & Equatable {
    let text = try string()
    let known = Word.allCases.filter { !except.contains($0) }
    guard let word = known.first(where: { $0.rawValue == text }) else {
      throw error(.unknownWord(known: known.map(\.rawValue)))
    }
    return word
  }

  /// A declared value, state or component.
  func name() throws(SchemaError) -> String {
    let text = try string()
    guard SchemaName.isName(text) else { throw error(.badName) }
    return text
  }

  /// A field, type or workflow.
  func unreservedName() throws(SchemaError) -> String {
    let text = try name()
    guard !SchemaName.reserved.contains(text) else { throw error(.reservedName) }
    return text
  }

  func items(_ count: ClosedRange<Int>) throws(SchemaError) -> [SchemaNode] {
    guard case .array(let items) = value else { throw error(.wrongType(expected: "an array")) }
    guard count.contains(items.count) else { throw error(.wrongCount(count)) }
    return items.enumerated().map { index, item in
      SchemaNode(file: file, path: SchemaPath.join(path, index: index), value: item)
    }
  }

  /// Names, none of them twice.
  func names(_ count: ClosedRange<Int> = 1...64) throws(SchemaError) -> [String] {
    var names: [String] = []
    for item in try items(count) {
      let name = try item.name()
      guard !names.contains(name) else { throw item.error(.repeated) }
      names.append(name)
    }
    return names
  }

  /// Roles, none of them twice.
  func roles(
    _ count: ClosedRange<Int> = 1...Role.allCases.count, except: [Role] = []
  ) throws(SchemaError) -> [Role] {
    var roles: [Role] = []
    for item in try items(count) {
      let role = try item.word(Role.self, except: except)
      guard !roles.contains(role) else { throw item.error(.repeated) }
      roles.append(role)
    }
    return roles
  }

  /// An object whose keys are the schema format's own.
  func object(keys: [String]) throws(SchemaError) -> SchemaObject {
    let object = SchemaObject(node: self, members: try members())
    for member in object.members where !keys.contains(member.key) {
      throw member.node.error(.unknownKey(known: keys))
    }
    return object
  }

  /// An object whose keys are names that the file chooses.
  func namedMembers(
    _ count: ClosedRange<Int>, reserved: Set<String>
  ) throws(SchemaError) -> [(key: String, node: SchemaNode)] {
    let members = try members()
    guard count.contains(members.count) else { throw error(.wrongCount(count)) }
    for member in members {
      guard SchemaName.isName(member.key) else { throw member.node.error(.badName) }
      guard !reserved.contains(member.key) else { throw member.node.error(.reservedName) }
    }
    return members
  }

  private func members() throws(SchemaError) -> [(key: String, node: SchemaNode)] {
    guard case .object(let members) = value else {
      throw error(.wrongType(expected: "an object"))
    }
    return members.map { key, value in
      (key, SchemaNode(file: file, path: SchemaPath.join(path, key: key), value: value))
    }
  }
}
