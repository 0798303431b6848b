import Merge

/// What was shared for a request.
public struct ApprovedAccess: Sendable {
  /// A folder with what is in it now and what comes later.
  public struct Folder: Hashable, Sendable {
    public let path: String
    /// How many files are shared for it now.
    public let fileCount: Int
    /// Milliseconds since 1970; `nil`: as long as the consent holds.
    public let untilMilliseconds: UInt64?
  }

  public var files: [ShareItem]
  public var folders: [Folder]
}
