import Signing

/// A file that is written aside, and appears under its name whole or not at all.
///
/// What was written aside goes with the last reference, unless it was placed.
package final class PlacedFile {
  private let destination: String
  private let temporary: String
  private let overwrites: Bool
  /// `nil` once all was written.
  private var output: OpenFile?
  private var isPlaced = false
  private var isElsewhere = false

  /// - Parameter overwrites: whether it may replace a file that is there.
  /// - Throws: ``ReplicaError/badInput(_:)`` where there is a file already and it may not be replaced,
  ///   and for a device or pipe, which never is.
  package init(at destination: String, overwrites: Bool, random: any RandomSource) throws {
    // Said before the work; placing it checks again.
    let there = try Self.kind(destination)
    guard there != .special else { throw ReplicaError.badInput("\(destination): not a file") }
    if !overwrites, there != nil { throw DiskFolder.taken(destination) }
    self.destination = destination
    self.overwrites = overwrites
    temporary = "\(Self.folder(of: destination))/.satchel-\(Hex.encode(random.bytes(8)))"
    output = try OpenFile.creating(temporary)
  }

  deinit {
    // What cannot be removed here lies about under a name that says where it is from.
    if !isPlaced { DiskFolder.removeIfPossible(file: temporary) }
  }

  private var open: OpenFile {
    guard let output else { preconditionFailure("nothing is written behind the end") }
    return output
  }

  package func write(_ bytes: UnsafeRawBufferPointer) throws { try open.write(bytes) }

  /// Sets when the file was last modified; milliseconds since 1970.
  func setModified(_ milliseconds: Int64) throws { try open.setModified(milliseconds) }

  /// Makes it durable and gives it its name.
  ///
  /// - Parameter onDurable: called between the two.
  package func place(onDurable: () throws -> Void = {}) throws {
    try open.synchronize()
    try onDurable()
    try placeDurable()
    try OpenFile.synchronize(folder: Self.folder(of: destination))
  }

  /// Nothing more is written. Whoever calls this makes the file system of `folder` durable before
  /// ``placeDurable()``, and again after it; what lies on another one is made durable here.
  func end(beside folder: OpenFile) throws {
    isElsewhere = try open.status().device != folder.status().device
    if isElsewhere { try open.synchronize() }
    output = nil
  }

  /// Gives a durable file its name.
  func placeDurable() throws {
    if overwrites {
      try DiskFolder.replace(destination, with: temporary)
    } else {
      try DiskFolder.place(temporary, at: destination)
    }
    isPlaced = true
    if isElsewhere { try OpenFile.synchronize(folder: Self.folder(of: destination)) }
  }

  private static func kind(_ path: String) throws -> FileStatus.Kind? {
    do {
      return try FileStatus(at: path).kind
    } catch ReplicaError.notFound {
      return nil
    }
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: 0x2f) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
