import Merge

/// The record types that every replica and server knows, as embedded at build time.
public enum BuiltInSchema {
  /// The schema files as they are, sorted by name; what is hashed for a `SchemaID`.
  public static let files: [(name: String, bytes: [UInt8])] = [
    ("access_request.json", PackageResources.access_request_json),
    ("assignment.json", PackageResources.assignment_json),
    ("comment.json", PackageResources.comment_json),
    ("device_name.json", PackageResources.device_name_json),
    ("emergency_deposit.json", PackageResources.emergency_deposit_json),
    ("file.json", PackageResources.file_json),
    ("folder.json", PackageResources.folder_json),
    ("internal_note.json", PackageResources.internal_note_json),
    ("note.json", PackageResources.note_json),
    ("profile.json", PackageResources.profile_json),
    ("share.json", PackageResources.share_json),
    ("standing_share.json", PackageResources.standing_share_json),
    ("ticket.json", PackageResources.ticket_json),
    ("verification.json", PackageResources.verification_json),
    ("version.json", PackageResources.version_json),
    ("worklog.json", PackageResources.worklog_json),
  ]

  /// The JSON Schema (2020-12) of the files.
  public static let metaSchema: [UInt8] = PackageResources.meta_schema_json

  /// All types of ``files``.
  public static let schema = loaded.schema

  /// ``files`` with what they say.
  public static let loaded: SchemaFiles = {
    do throws(SchemaError) {
      return try SchemaFiles(files)
    } catch {
      // The files are part of the program, and tests load them.
      preconditionFailure("a built-in schema is broken: \(error)")
    }
  }()
}
