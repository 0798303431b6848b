import Glibc
import Sealing
import Signing

/// One file on its way out of the vault, as a plain file or as an age file.
struct ExportedFile {
  private let file: OpenableFile
  private let form: ExportForm
  private let replica: Replica

  /// What is there is another file.
  private struct Differs: Error {}

  init(_ file: OpenableFile, _ form: ExportForm, replica: Replica) {
    self.file = file
    self.form = form
    self.replica = replica
  }

  /// Writes the file, or finds that it is there already. All of it is verified before it gets its
  /// name: the key against the commitment, too, which an age file that was copied without a look at
  /// it would not be.
  ///
  /// - Parameters:
  ///   - onGranted: called before the name is given.
  ///   - onBytes: gets how many bytes of the plaintext were verified.
  /// - Returns: the hash of the plaintext, or of an age file's payload.
  func write(
    to destination: String, overwrites: Bool, _ onGranted: () throws -> Void,
    onBytes: (Int) throws -> Void
  ) throws -> Digest {
    var mayReplace = overwrites
    if !overwrites, let there = try existing(destination) {
      do {
        let hash = try compare(there, onBytes)
        guard case .age = form else {
          try onGranted()
          return hash
        }
        // The same payload under the same key, for whomever its header was: made anew.
        mayReplace = true
      } catch is Differs {
        throw DiskFolder.taken(destination)
      }
    }
    let output = try PlacedFile(
      at: destination, overwrites: mayReplace, random: replica.environment.random)
    if case .age(let recipients) = form {
      let header = try AgeHeader.encode(
        fileKey: file.key, recipients: recipients.map { .key($0) },
        random: replica.environment.random)
      try header.withUnsafeBytes(output.write)
    }
    let hash = try read(output.write, onBytes)
    if let modified = file.modifiedMilliseconds { try output.setModified(modified) }
    try output.place(onDurable: onGranted)
    return hash
  }

  /// Gives `sink` the bytes that go out: the plaintext, or the payload as it is stored.
  private func read(
    _ sink: (UnsafeRawBufferPointer) throws -> Void, _ onBytes: (Int) throws -> Void
  ) throws -> Digest {
    var hasher = Hasher256.plain
    var byteCount = 0
    func give(_ bytes: UnsafeRawBufferPointer) throws {
      hasher.update(bytes)
      try sink(bytes)
    }
    let reader = VersionReader(
      version: file.version, key: file.key, blobs: replica.blobs, name: file.name)
    try replica.noticingDamage(file.version) {
      try reader.read { payload in
        if form != .plain { try give(payload) }
      } sink: { plaintext in
        if form == .plain { try give(plaintext) }
        byteCount += plaintext.count
        try onBytes(byteCount)
      }
    }
    return hasher.finalize()
  }

  // MARK: What is there already

  private func existing(_ path: String) throws -> OpenFile? {
    do {
      return try FileStatus(at: path).kind == .file ? OpenFile.reading(path) : nil
    } catch ReplicaError.notFound {
      return nil
    }
  }

  /// Compares what would go out with a file.
  private func compare(_ there: OpenFile, _ onBytes: (Int) throws -> Void) throws -> Digest {
    if form != .plain { try checkHeader(there) }
    let buffer = WipedBuffer(byteCount: BlobStore.byteCountMax)
    let hash = try read(
      { bytes in
        let space = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<bytes.count])
        guard try there.readFully(into: space) == bytes.count,
          isEqual(UnsafeRawBufferPointer(space), bytes)
        else { throw Differs() }
      }, onBytes)
    let rest = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[..<1])
    guard try there.readFully(into: rest) == 0 else { throw Differs() }
    return hash
  }

  private func isEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
    guard let left = left.baseAddress, let start = right.baseAddress else { return right.isEmpty }
    return memcmp(left, start, right.count) == 0
  }

  /// Leaves the file at the beginning of its payload, where its header was made with this file's key.
  private func checkHeader(_ there: OpenFile) throws {
    var start = [UInt8](repeating: 0, count: AgeHeader.byteCountMax)
    let count = try start.withUnsafeMutableBytes { try there.readFully(into: $0) }
    let header: AgeHeader
    do {
      header = try AgeHeader(parsing: Array(start[..<count]))
    } catch {
      throw Differs()
    }
    guard header.isAuthentic(under: file.key) else { throw Differs() }
    try there.seek(to: header.byteCount)
  }
}
