import Merge

/// Whether an organisation may have a record type of its own as a file declares it (design §5).
///
/// A function of the file, the organisation and its earlier types only: the server that appends the
/// statement and every device that reads it come to the same, whatever types their program has.
public struct OrganisationTypeCheck: Sendable {
  public enum Outcome: Sendable {
    case fits(RecordType)
    /// Never empty.
    case problems([SchemaProblem])
  }

  public static let fileByteCountMax = 64 << 10
  /// Different types of one organisation.
  public static let typeCountMax = 32
  /// Versions of all types of one organisation together.
  public static let versionCountMax = 256
  /// Of the organisation's id, in the names of its types: 64 bits, so that nobody finds another
  /// organisation whose types are called the same.
  private static let idDigitCount = 16
  /// Where such types may live, and what has been there from the first version on: all programs know
  /// it, so that they may refer to it.
  private static let referable: [SpaceKind: Set<String>] = [
    .casework: ["ticket", "comment", "worklog"], .team: ["internal_note"],
  ]

  let organisation: OrganisationID
  /// The present versions of its types, sorted by name.
  let types: [RecordType]

  public init(organisation: OrganisationID, types: [RecordType]) {
    self.organisation = organisation
    self.types = types
  }

  /// With what the names of the organisation's types end, so that no two organisations have one of the
  /// same name.
  public static func ending(of organisation: OrganisationID) -> String {
    "_" + organisation.hex.prefix(idDigitCount)
  }

  public func check(_ file: [UInt8]) -> Outcome {
    guard file.count <= Self.fileByteCountMax else {
      return .problems([
        SchemaProblem(
          "", [], "the file has \(file.count) bytes",
          "declare the type in at most \(Self.fileByteCountMax)")
      ])
    }
    do throws(SchemaError) {
      let type = try SchemaLoader.load(file: "", bytes: file)
      let problems = problems(of: type)
      return problems.isEmpty ? .fits(type) : .problems(problems)
    } catch {
      return .problems([SchemaProblem(error)])
    }
  }

  private func problems(of type: RecordType) -> [SchemaProblem] {
    let file = "\(type.name).json"
    let older = types.first { $0.name == type.name }
    var found = naming(type, file) + references(of: type, file)
    if Self.referable[type.space] == nil {
      found.append(
        SchemaProblem(
          file, ["space"], "an organisation has no types of its own in such spaces",
          "put it into casework or team"))
    }
    if older == nil, types.count >= Self.typeCountMax {
      found.append(
        SchemaProblem(
          file, [], "the organisation has \(types.count) types", "add fields to one of them"))
    }
    found += TypeCheck(file: file, type: type).problems
    if let older { found += GrowthCheck(file: file, older: older, newer: type).problems }
    return found
  }

  private func naming(_ type: RecordType, _ file: String) -> [SchemaProblem] {
    let prefix = RecordType.organisationPrefix
    let ending = Self.ending(of: organisation)
    let isNamed =
      type.name.hasPrefix(prefix) && type.name.hasSuffix(ending)
      && type.name.utf8.count > prefix.utf8.count + ending.utf8.count
    if isNamed { return [] }
    return [
      SchemaProblem(
        file, ["type"], "the name does not say whose type it is",
        "call it \(prefix)NAME\(ending)")
    ]
  }

  /// What records refer to: the organisation's own types, and some that every program has.
  private func references(of type: RecordType, _ file: String) -> [SchemaProblem] {
    let own = (types + [type]).filter { $0.space == type.space }.map(\.name)
    let known = (Self.referable[type.space] ?? []).union(own)
    return type.fields.flatMap { field in
      field.kind.recordTypes(path: "").filter { !known.contains($0.name) }.map { reference in
        SchemaProblem(
          file, ["fields", field.name], "it refers to \(reference.name)",
          "refer to one of: \(known.sorted().joined(separator: ", "))")
      }
    }
  }
}
