import Merge

/// Schema files and what they say: what a replica or a server works with.
public struct SchemaFiles: Sendable {
  /// Sorted by name; what is hashed for a journal's signature.
  public let files: [(name: String, bytes: [UInt8])]
  public let schema: Schema

  /// - Throws: ``SchemaError`` of the first file that cannot be used.
  public init(_ files: [(name: String, bytes: [UInt8])]) throws(SchemaError) {
    self.files = files.sorted { $0.name < $1.name }
    schema = try SchemaLoader.load(files: self.files)
  }
}
