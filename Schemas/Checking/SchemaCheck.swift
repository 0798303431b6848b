import Merge

/// Whether schema files can be used: each by itself, all together, and in the place of older ones.
///
/// Beyond what ``SchemaLoader`` demands: who is named can be in such a space, what is decided by words
/// has words to decide between, every rule comes to the same in any order, and nothing that an older
/// version relies on has changed.
public enum SchemaCheck {
  /// - Parameters:
  ///   - files: JSON files of record types; other types that they refer to count among them.
  ///   - checked: the names of the files that are to be checked; all by default.
  ///   - older: the files that are in use, to be replaced by `files`; `nil`: none are.
  /// - Returns: all problems, in the order of the files.
  public static func problems(
    in files: [(name: String, bytes: [UInt8])], checked: Set<String>? = nil,
    replacing older: [(name: String, bytes: [UInt8])]? = nil
  ) -> [SchemaProblem] {
    var problems: [SchemaProblem] = []
    var types: [(name: String, type: RecordType)] = []
    let files = files.sorted { $0.name < $1.name }
    for (name, bytes) in files {
      do throws(SchemaError) {
        let type = try SchemaLoader.load(file: name, bytes: bytes)
        types.append((name, type))
        problems += TypeCheck(file: name, type: type).problems
      } catch {
        problems.append(SchemaProblem(error))
      }
    }
    if types.count == files.count { problems += together(files) }
    if let older { problems += growth(types, isWhole: types.count == files.count, older) }
    guard let checked else { return problems }
    return problems.filter { checked.contains($0.file) }
  }

  private static func together(_ files: [(name: String, bytes: [UInt8])]) -> [SchemaProblem] {
    do throws(SchemaError) {
      _ = try SchemaLoader.load(files: files)
      return []
    } catch {
      return [SchemaProblem(error)]
    }
  }

  private static func growth(
    _ types: [(name: String, type: RecordType)], isWhole: Bool,
    _ older: [(name: String, bytes: [UInt8])]
  ) -> [SchemaProblem] {
    var problems: [SchemaProblem] = []
    for (name, bytes) in older.sorted(by: { $0.name < $1.name }) {
      do throws(SchemaError) {
        let type = try SchemaLoader.load(file: name, bytes: bytes)
        if let found = types.first(where: { $0.type.name == type.name }) {
          problems += GrowthCheck(file: found.name, older: type, newer: found.type).problems
        } else if isWhole {
          problems.append(
            SchemaProblem(
              name, [], "the type \(type.name) is gone",
              "keep its file, with \"removed\": true: records stay readable"))
        }
      } catch {
        problems.append(
          SchemaProblem(
            name, [], "the older version cannot be read", "compare with what was in use"))
      }
    }
    return problems
  }
}
