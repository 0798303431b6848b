/// An object of a schema file, its keys known to be allowed.
struct SchemaObject {
  let node: SchemaNode
  let members: [(key: String, node: SchemaNode)]

  subscript(key: String) -> SchemaNode? { members.first { $0.key == key }?.node }

  func required(_ key: String) throws(SchemaError) -> SchemaNode {
    guard let member = self[key] else { throw node.error(.missingKey(key)) }
    return member
  }

  func flag(_ key: String) throws(SchemaError) -> Bool { try self[key]?.bool() ?? false }
}
