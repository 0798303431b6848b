import CBOR
import Merge

/// Between ``Commit`` and its bytes.
///
/// Keys are grouped by type: `[[type, [[operation, record, key…]…]]…]`. A key is text for an open
/// field, bytes for a sealed one, `[text, [origin…]]` for a guarded one. Values stand in key order,
/// the open ones in one list, the sealed ones in the other.
extension EncodedCommit {
  /// Siblings that one guarded write may name.
  public static let shownCountMax = 64
  /// Field writes in one change.
  public static let writeCountMax = 512
  static let keyByteCountMax = 256

  public init(_ commit: Commit) {
    self.init(
      header: Self.encode(commit.header), keys: Self.encodeKeys(commit.changes),
      open: Self.encodeValues(commit.changes, sealed: false),
      sealed: Self.encodeValues(commit.changes, sealed: true))
  }

  private static func encode(_ header: CommitHeader) -> [UInt8] {
    var writer = CBORWriter()
    writer.array(count: header.origin == nil ? 3 : 4)
    writer.unsigned(header.time.rawValue)
    writer.unsigned(header.context.incarnation)
    writer.position(header.context.position)
    if let origin = header.origin { writer.bytes(origin.packed) }
    return writer.bytes
  }

  private static func encodeKeys(_ changes: [RecordChange]) -> [UInt8] {
    var writer = CBORWriter()
    let groups = changes.chunked { $0.type == $1.type }
    writer.list(groups) { writer, group in
      writer.array(count: 2)
      writer.text(group[group.startIndex].type)
      writer.array(count: group.count)
      for change in group {
        writer.array(count: 2 + change.writes.count)
        writer.unsigned(change.operation.rawValue)
        writer.id(change.record)
        for write in change.writes { encodeKey(write, &writer) }
      }
    }
    return writer.bytes
  }

  private static func encodeKey(_ write: FieldWrite, _ writer: inout CBORWriter) {
    if write.sealed {
      writer.bytes(of: write.key)
    } else if write.shown.isEmpty {
      writer.text(write.key)
    } else {
      writer.array(count: 2)
      writer.text(write.key)
      writer.list(write.shown) { $0.bytes($1.packed) }
    }
  }

  private static func encodeValues(_ changes: [RecordChange], sealed: Bool) -> [UInt8] {
    let count = changes.reduce(0) { sum, change in
      change.writes.reduce(sum) { $0 + ($1.sealed == sealed ? 1 : 0) }
    }
    var writer = CBORWriter()
    writer.array(count: count)
    for change in changes {
      for write in change.writes where write.sealed == sealed { writer.value(write.value) }
    }
    return writer.bytes
  }

  /// The commit that the bytes say; of a refused one, sealed values are `null`.
  public func decoded() throws(WireError) -> Commit {
    Commit(header: try decodedHeader(), changes: try decodedChanges())
  }

  /// Only the header, where the changes do not matter.
  public func decodedHeader() throws(WireError) -> CommitHeader {
    try Self.header(header)
  }

  static func header(_ bytes: [UInt8]) throws(WireError) -> CommitHeader {
    var reader = WireReader(bytes)
    let count = try reader.array(max: 4)
    guard count >= 3 else { throw .unexpected("commit header") }
    let time = HybridTime(rawValue: try reader.number("time"))
    let context = Context(
      incarnation: try reader.number("incarnation"), position: try reader.position())
    let origin = count == 4 ? try reader.origin() : nil
    try reader.finish()
    return CommitHeader(time: time, context: context, origin: origin)
  }

  private func decodedChanges() throws(WireError) -> [RecordChange] {
    var values = try ValueReader(open: open, sealed: sealed)
    return try Self.changes(keys, &values)
  }

  fileprivate static func changes(
    _ keys: [UInt8], _ values: inout ValueReader
  ) throws(WireError) -> [RecordChange] {
    var keyReader = WireReader(keys)
    var last = KeyRun()
    var changes: [RecordChange] = []
    for _ in 0..<(try keyReader.array(max: Commit.changeCountMax)) {
      try keyReader.fields(2, "changes of one type")
      let type = try keyReader.text(max: 48)
      let count = try keyReader.array(max: Commit.changeCountMax)
      // One encoding for each commit: neighbours of one type stand in one group.
      guard count > 0, type != changes.last?.type else { throw .unexpected("changes of one type") }
      for _ in 0..<count {
        guard changes.count < Commit.changeCountMax else { throw .tooLarge("commit") }
        changes.append(try change(of: type, &keyReader, &last, &values))
      }
    }
    try keyReader.finish()
    try values.finish()
    guard !changes.isEmpty else { throw .unexpected("changes") }
    return changes
  }

  private static func change(
    of type: String, _ reader: inout WireReader, _ last: inout KeyRun,
    _ values: inout ValueReader
  ) throws(WireError) -> RecordChange {
    let count = try reader.array(max: 2 + writeCountMax)
    guard count >= 2, let operation = RecordChange.Operation(rawValue: try reader.unsigned())
    else { throw .unexpected("change") }
    let record: RecordID = try reader.id()
    guard operation != .delete || count == 2 else { throw .unexpected("delete with writes") }
    var isSame = false
    if last.keys.count == count - 2 {
      isSame = try reader.skipSame(as: last.bytes, count: last.keys.count)
    }
    if !isSame { last = try KeyRun(&reader, count: count - 2) }
    var writes: [FieldWrite] = []
    writes.reserveCapacity(last.keys.count)
    for key in last.keys {
      let value = key.sealed ? try values.nextSealed() : try values.nextOpen()
      writes.append(
        FieldWrite(key: key.name, value: value, sealed: key.sealed, shown: key.shown))
    }
    return RecordChange(type: type, record: record, operation: operation, writes: writes)
  }
}

/// The keys of one change. Neighbours mostly write the same ones, in the same bytes.
private struct KeyRun {
  struct Key {
    let name: String
    var sealed = false
    var shown: [Origin] = []
  }

  var bytes: ArraySlice<UInt8> = []
  var keys: [Key] = []

  init() {}

  init(_ reader: inout WireReader, count: Int) throws(WireError) {
    let start = reader.offset
    var names: Set<String> = []
    for _ in 0..<count {
      let key = try Self.key(&reader)
      guard names.insert(key.name).inserted else { throw .unexpected("key written twice") }
      keys.append(key)
    }
    bytes = reader.bytes(from: start, to: reader.offset)
  }

  private static func key(_ reader: inout WireReader) throws(WireError) -> Key {
    switch try reader.kind() {
    case .bytes:
      let bytes = try reader.bytes(max: EncodedCommit.keyByteCountMax)
      guard let key = String(validating: bytes, as: UTF8.self) else { throw .unexpected("key") }
      return Key(name: key, sealed: true)
    case .text: return Key(name: try reader.text(max: EncodedCommit.keyByteCountMax))
    case .array:
      try reader.fields(2, "guarded key")
      let key = try reader.text(max: EncodedCommit.keyByteCountMax)
      let shown = try reader.list(max: EncodedCommit.shownCountMax) { (r) throws(WireError) in
        try r.origin()
      }
      guard !shown.isEmpty else { throw .unexpected("guarded key") }
      return Key(name: key, shown: shown)
    default: throw .unexpected("key")
    }
  }
}

extension CommitStub {
  /// The commit without its values, which are all `null`.
  public func decoded() throws(WireError) -> Commit {
    var values = ValueReader()
    return Commit(
      header: try decodedHeader(), changes: try EncodedCommit.changes(keys, &values))
  }

  public func decodedHeader() throws(WireError) -> CommitHeader {
    try EncodedCommit.header(header)
  }
}

/// Hands out the values of a commit in key order.
private struct ValueReader {
  private var open: WireReader?
  private var openLeft = 0
  private var sealed: WireReader?
  private var sealedLeft = 0

  /// For a commit whose values are gone.
  init() {}

  init(open: [UInt8], sealed: [UInt8]?) throws(WireError) {
    let countMax = Commit.changeCountMax * EncodedCommit.writeCountMax
    var openReader = WireReader(open)
    openLeft = try openReader.array(max: countMax)
    self.open = openReader
    guard let sealed else { return }
    var reader = WireReader(sealed)
    sealedLeft = try reader.array(max: countMax)
    self.sealed = reader
  }

  mutating func nextOpen() throws(WireError) -> CBORValue {
    guard open != nil else { return .null }
    guard openLeft > 0 else { throw .unexpected("open value") }
    openLeft -= 1
    return try open!.value()
  }

  mutating func nextSealed() throws(WireError) -> CBORValue {
    guard sealed != nil else { return .null }
    guard sealedLeft > 0 else { throw .unexpected("sealed value") }
    sealedLeft -= 1
    return try sealed!.value()
  }

  mutating func finish() throws(WireError) {
    guard openLeft == 0, sealedLeft == 0 else { throw .unexpected("values without keys") }
    if open != nil { try open!.finish() }
    if sealed != nil { try sealed!.finish() }
  }
}

extension Array {
  /// Runs of neighbours that belong together.
  fileprivate func chunked(_ belong: (Element, Element) -> Bool) -> [ArraySlice<Element>] {
    var result: [ArraySlice<Element>] = []
    var start = startIndex
    for index in indices where index > start && !belong(self[index - 1], self[index]) {
      result.append(self[start..<index])
      start = index
    }
    if start < endIndex { result.append(self[start...]) }
    return result
  }
}
