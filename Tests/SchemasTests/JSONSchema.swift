@testable import Schemas

/// The part of JSON Schema 2020-12 that `meta.schema.json` uses: an independent reading of the
/// format, to hold the loader against. A keyword that it does not know is an error.
struct JSONSchema {
  struct UnknownKeyword: Error {
    let keyword: String
  }

  private let definitions: [String: JSONValue]
  private let root: JSONValue

  init(_ bytes: [UInt8]) throws {
    root = try JSONReader.read(file: "meta.schema.json", bytes: bytes)
    guard case .object(let members)? = root["$defs"] else {
      definitions = [:]
      return
    }
    definitions = Dictionary(uniqueKeysWithValues: members.map { ($0.key, $0.value) })
  }

  func accepts(_ value: JSONValue) throws -> Bool { try accepts(value, root) }

  private func accepts(_ value: JSONValue, _ schema: JSONValue) throws -> Bool {
    switch schema {
    case .bool(let isAllowed): return isAllowed
    case .object(let keywords):
      for (keyword, argument) in keywords {
        guard try holds(keyword, argument, value, schema) else { return false }
      }
      return true
    default: throw UnknownKeyword(keyword: "schema")
    }
  }

  private func holds(
    _ keyword: String, _ argument: JSONValue, _ value: JSONValue, _ schema: JSONValue
  ) throws -> Bool {
    switch keyword {
    case "$schema", "$defs", "title", "description", "then", "else": return true
    case "$ref":
      return try accepts(value, definitions[String(argument.string.dropFirst("#/$defs/".count))]!)
    case "type": return value.typeName == argument.string
    case "const": return value == argument
    case "enum": return argument.items.contains(value)
    case "not": return try !accepts(value, argument)
    case "allOf": return try argument.items.allSatisfy { try accepts(value, $0) }
    case "anyOf": return try argument.items.contains { try accepts(value, $0) }
    case "if":
      let branch = try accepts(value, argument) ? schema["then"] : schema["else"]
      return try branch.map { try accepts(value, $0) } ?? true
    default:
      switch value {
      case .object(let members): return try holds(keyword, argument, members: members, schema)
      case .array(let items): return try holds(keyword, argument, items: items)
      case .string(let text): return try holds(keyword, argument, text: text)
      case .integer(let number): return try holds(keyword, argument, number: number)
      case .bool, .null: return true
      }
    }
  }

  private func holds(
    _ keyword: String, _ argument: JSONValue, members: [(key: String, value: JSONValue)],
    _ schema: JSONValue
  ) throws -> Bool {
    switch keyword {
    case "properties":
      return try members.allSatisfy { key, value in
        try argument[key].map { try accepts(value, $0) } ?? true
      }
    case "additionalProperties":
      return try members.allSatisfy { key, value in
        try schema["properties"]?[key] != nil || accepts(value, argument)
      }
    case "propertyNames":
      return try members.allSatisfy { try accepts(.string($0.key), argument) }
    case "required":
      return argument.items.allSatisfy { key in members.contains { .string($0.key) == key } }
    case "minProperties": return members.count >= argument.integer
    case "maxProperties": return members.count <= argument.integer
    default: return try ignore(keyword)
    }
  }

  private func holds(
    _ keyword: String, _ argument: JSONValue, items: [JSONValue]
  ) throws -> Bool {
    switch keyword {
    case "items": return try items.allSatisfy { try accepts($0, argument) }
    case "minItems": return items.count >= argument.integer
    case "maxItems": return items.count <= argument.integer
    case "uniqueItems":
      return items.indices.allSatisfy { index in !items[..<index].contains(items[index]) }
    default: return try ignore(keyword)
    }
  }

  private func holds(_ keyword: String, _ argument: JSONValue, text: String) throws -> Bool {
    guard keyword == "pattern" else { return try ignore(keyword) }
    return try text.firstMatch(of: Regex(argument.string)) != nil
  }

  private func holds(_ keyword: String, _ argument: JSONValue, number: Int) throws -> Bool {
    switch keyword {
    case "minimum": return number >= argument.integer
    case "maximum": return number <= argument.integer
    default: return try ignore(keyword)
    }
  }

  /// A keyword for values of another type says nothing about this one.
  private func ignore(_ keyword: String) throws -> Bool {
    let known = [
      "properties", "additionalProperties", "propertyNames", "required", "minProperties",
      "maxProperties", "items", "minItems", "maxItems", "uniqueItems", "pattern", "minimum",
      "maximum",
    ]
    guard known.contains(keyword) else { throw UnknownKeyword(keyword: keyword) }
    return true
  }
}

extension JSONValue {
  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.key == key }?.value
  }

  var items: [JSONValue] { if case .array(let items) = self { items } else { [] } }

  var string: String { if case .string(let value) = self { value } else { "" } }

  var integer: Int { if case .integer(let value) = self { value } else { 0 } }

  fileprivate var typeName: String {
    switch self {
    case .object: "object"
    case .array: "array"
    case .string: "string"
    case .integer: "integer"
    case .bool: "boolean"
    case .null: "null"
    }
  }
}
