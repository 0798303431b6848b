import Testing

@testable import Schemas

/// `meta.schema.json` and the loader say the same.
struct MetaSchemaTests {
  static let types = BuiltInSchema.files.map { String($0.name.dropLast(".json".count)) }

  /// Reasons that a JSON Schema cannot express.
  private static func isBeyondShape(_ reason: SchemaError.Reason) -> Bool {
    switch reason {
    case .orderDiffers, .notAnEnumComponent, .notRequired, .notWritable, .undeclared, .unused,
      .incompletePrecedence, .unreachable, .noHistory, .badParentField, .columnTaken,
      .valueTooLarge, .repeated:
      true
    // Whether an enum's values are the workflow's depends on which component is meant.
    case .missingKey("values"), .misplacedKey(belongsTo: "an enum without a workflow"): true
    // How many elements are allowed depends on the elements.
    case .outOfRange(SchemaLimits.elementCounts): true
    default: false
    }
  }

  @Test(arguments: types)
  func describesTheBuiltInFiles(_ type: String) throws {
    let meta = try JSONSchema(BuiltInSchema.metaSchema)
    #expect(try meta.accepts(try SchemaFile(builtIn: type).root))
  }

  /// Every value of every file in turn is taken away or replaced.
  @Test(arguments: types)
  func agreesWithTheLoaderOnChangedFiles(_ type: String) throws {
    let meta = try JSONSchema(BuiltInSchema.metaSchema)
    let root = try SchemaFile(builtIn: type).root
    var refusedCount = 0
    for mutant in root.mutants {
      let isDescribed = try meta.accepts(mutant)
      let loaded = Result { () throws(SchemaError) in
        try SchemaLoader.load(file: type, bytes: SchemaFile(mutant).bytes)
      }
      switch loaded {
      case .success:
        if !isDescribed { Issue.record("only the meta schema refuses: \(mutant.text)") }
      case .failure(let error):
        refusedCount += 1
        if isDescribed, !Self.isBeyondShape(error.reason) {
          Issue.record("only the loader refuses (\(error)): \(mutant.text)")
        }
      }
    }
    #expect(refusedCount > 50)
  }
}

extension JSONValue {
  /// The value with one thing changed, for each thing in it.
  var mutants: [JSONValue] {
    var mutants = replacements
    switch self {
    case .object(let members):
      mutants.append(.object(members + [("surprise", .bool(true))]))
      for index in members.indices {
        var fewer = members
        fewer.remove(at: index)
        mutants.append(.object(fewer))
        for value in members[index].value.mutants {
          var changed = members
          changed[index].value = value
          mutants.append(.object(changed))
        }
      }
    case .array(let items):
      if let last = items.last { mutants.append(.array(items + [last])) }
      // The items of a list are much alike: the first and the last will do.
      for index in Set([items.indices.first, items.indices.last].compactMap(\.self)).sorted() {
        for value in items[index].mutants {
          var changed = items
          changed[index] = value
          mutants.append(.array(changed))
        }
      }
    default: break
    }
    return mutants
  }

  /// What stands in for the whole value.
  private var replacements: [JSONValue] {
    switch self {
    case .object: [.array([]), .object([])]
    case .array: [.string("text"), .array([])]
    case .integer: [.integer(0), .integer(257), .integer(70_000), .string("1")]
    case .bool(let value): [.bool(!value), .null]
    case .null: [.integer(1), .string("open")]
    case .string:
      [
        .null, .string("Bad"), .string("space"), .string("text"), .string("enum"), .string("list"),
        .string("group"), .string("latest"), .string("highest"), .string("add_wins"),
        .string("author"),
      ]
    }
  }
}
