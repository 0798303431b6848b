import Merge

/// Reads `kind` and the keys that belong to it.
struct ValueShapeLoader {
  /// What may stand in the place that is read.
  enum Place {
    case field
    case component
    case element
  }

  /// The words for kinds in schema files.
  private enum Word: String, CaseIterable {
    case text, integer, boolean, time, bytes, account, record, list, set, group
    case enumeration = "enum"
  }

  let place: Place
  /// The values of an enum that does not say its own: the states of a workflow.
  var impliedValues: [String]?

  /// A kind in short form, as in `"until": "time"`.
  func load(short node: SchemaNode) throws(SchemaError) -> ValueShape {
    let word = try self.word(node)
    switch word {
    case .text, .bytes: return string(word, sizes: 0...SchemaLimits.stringByteCountStandard)
    case .enumeration:
      guard let impliedValues else { throw node.error(.missingKey("values")) }
      return .enumeration(impliedValues)
    case .record: throw node.error(.missingKey("type"))
    case .list, .set, .group: throw node.error(.missingKey("of"))
    case .integer, .time, .boolean, .account: return fixed(word)
    }
  }

  /// A kind with its keys. A group's components are loaded by ``GroupLoader``.
  func load(_ object: SchemaObject) throws(SchemaError) -> ValueShape {
    let word = try self.word(try object.required("kind"))
    try checkKeys(object, word)
    switch word {
    case .text, .bytes: return string(word, sizes: try stringSizes(object))
    case .enumeration: return try enumeration(object)
    case .record:
      let type = try object.required("type").unreservedName()
      return ValueShape(kind: .record(type), sizeMax: RecordID.byteCount)
    case .list, .set: return try collection(object, isList: word == .list)
    case .group: return try GroupLoader(impliedValues: impliedValues).load(object)
    case .integer, .time, .boolean, .account: return fixed(word)
    }
  }

  private func word(_ node: SchemaNode) throws(SchemaError) -> Word {
    switch place {
    case .field: try node.word(Word.self)
    case .component: try node.word(Word.self, except: [.set, .group])
    case .element: try node.word(Word.self, except: [.list, .set, .group])
    }
  }

  /// Refuses keys that belong to other kinds.
  private func checkKeys(_ object: SchemaObject, _ word: Word) throws(SchemaError) {
    let owners: [(key: String, kinds: [Word])] = [
      ("bytes_max", [.text, .bytes]), ("bytes", [.bytes]), ("values", [.enumeration]),
      ("type", [.record]), ("max", [.list, .set]), ("of", [.list, .set, .group]),
    ]
    for (key, kinds) in owners where !kinds.contains(word) {
      if let node = object[key] {
        let names = kinds.map(\.rawValue).joined(separator: ", ")
        throw node.error(.misplacedKey(belongsTo: "kind \(names)"))
      }
    }
    if object["bytes"] != nil, let node = object["bytes_max"] {
      throw node.error(.misplacedKey(belongsTo: "byte strings without \"bytes\""))
    }
  }

  private func stringSizes(_ object: SchemaObject) throws(SchemaError) -> ClosedRange<Int> {
    if let exact = try object["bytes"]?.integer(in: SchemaLimits.stringByteCounts) {
      return exact...exact
    }
    let max = try object["bytes_max"]?.integer(in: SchemaLimits.stringByteCounts)
    return 0...(max ?? SchemaLimits.stringByteCountStandard)
  }

  private func string(_ word: Word, sizes: ClosedRange<Int>) -> ValueShape {
    ValueShape(
      kind: word == .text ? .text : .bytes, sizeMin: sizes.lowerBound, sizeMax: sizes.upperBound)
  }

  private func fixed(_ word: Word) -> ValueShape {
    switch word {
    case .boolean: ValueShape(kind: .boolean, sizeMax: 1)
    case .time: ValueShape(kind: .time, sizeMax: 8)
    case .account: ValueShape(kind: .account, sizeMax: AccountID.byteCount)
    default: ValueShape(kind: .integer, sizeMax: 8)
    }
  }

  private func enumeration(_ object: SchemaObject) throws(SchemaError) -> ValueShape {
    guard let impliedValues else {
      return .enumeration(try object.required("values").names(SchemaLimits.wordCounts))
    }
    // One place for the states, so that they cannot differ.
    if let node = object["values"] {
      throw node.error(.misplacedKey(belongsTo: "an enum without a workflow"))
    }
    return .enumeration(impliedValues)
  }

  private func collection(
    _ object: SchemaObject, isList: Bool
  ) throws(SchemaError) -> ValueShape {
    let of = try object.required("of")
    let loader = ValueShapeLoader(place: .element)
    let element: ValueShape
    if case .string = of.value {
      element = try loader.load(short: of)
    } else {
      element = try loader.load(try of.object(keys: ["kind"] + Self.elementKeys))
    }
    let isFixed = element.kind == .bytes && element.sizeMin == element.sizeMax
    let counts =
      isList && isFixed ? SchemaLimits.fixedElementCounts : SchemaLimits.elementCounts
    let max = try object["max"]?.integer(in: counts)
    return ValueShape(
      kind: isList ? .list(element.kind) : .set(element.kind),
      sizeMax: max ?? SchemaLimits.elementCountStandard,
      itemSize: element.sizeMin...element.sizeMax)
  }

  private static let elementKeys = ["bytes_max", "bytes", "values", "type"]
}
