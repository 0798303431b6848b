import Merge

/// Reads schema files, and refuses whatever `meta.schema.json` does not describe or what
/// contradicts itself. Schemas of organisations come from elsewhere: nothing in them is trusted.
public enum SchemaLoader {
  /// Reads one file.
  /// - Parameter file: what errors call it.
  public static func load(file: String, bytes: [UInt8]) throws(SchemaError) -> RecordType {
    let root = SchemaNode(
      file: file, path: "", value: try JSONReader.read(file: file, bytes: bytes))
    return try RecordTypeLoader().load(root)
  }

  /// Reads files that make one schema, and checks besides that each type is declared once and that
  /// the types that records refer to exist in the same kind of space.
  public static func load(
    files: [(name: String, bytes: [UInt8])]
  ) throws(SchemaError) -> Schema {
    var types: [RecordType] = []
    for (name, bytes) in files {
      let type = try load(file: name, bytes: bytes)
      guard !types.contains(where: { $0.name == type.name }) else {
        throw SchemaError(file: name, path: "type", reason: .duplicateType)
      }
      types.append(type)
    }
    let schema = Schema(types: types)
    for (type, file) in zip(types, files) {
      for field in type.fields { try checkTypes(field, of: type, in: schema, file: file.name) }
    }
    return schema
  }

  private static func checkTypes(
    _ field: Field, of type: RecordType, in schema: Schema, file: String
  ) throws(SchemaError) {
    for (path, name) in field.kind.recordTypes(path: "fields.\(field.name)") {
      guard let other = schema.type(name) else {
        throw SchemaError(file: file, path: path, reason: .unknownType)
      }
      guard other.space == type.space else {
        throw SchemaError(file: file, path: path, reason: .typeOfAnotherSpace)
      }
    }
  }
}

extension Field.Kind {
  /// The types that values of the kind refer to, with the paths that say so.
  func recordTypes(path: String) -> [(path: String, name: String)] {
    switch self {
    case .record(let name): [("\(path).type", name)]
    case .list(let item), .set(let item): item.recordTypes(path: "\(path).of")
    case .group(let components):
      components.flatMap { $0.kind.recordTypes(path: "\(path).of.\($0.name)") }
    default: []
    }
  }
}
