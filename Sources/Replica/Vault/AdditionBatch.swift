import Merge

/// Folders and small files that were read and wait to be stored together: sealed on all cores, flushed
/// to the disk at once, named in few commits. One after the other, each would wait for the disk.
final class AdditionBatch {
  /// Larger files are sealed piece by piece, each for itself.
  static let fileByteCountMax = 1 << 20
  /// Plaintext that waits at most.
  static let byteCountMax = 16 << 20
  static let countMax = 1024

  struct Folder {
    /// What it was made for, on the disk.
    let source: String
    let change: Draft.Change
  }

  struct File {
    let added: AddedFile
    /// Its place in the report.
    let reportIndex: Int
    let plaintext: UnsafeRawBufferPointer
  }

  enum Item {
    case folder(Folder)
    case file(File)

    var source: String {
      switch self {
      case .folder(let folder): folder.source
      case .file(let file): file.added.source
      }
    }
  }

  /// In the order in which they were met: a folder before what lies in it.
  private(set) var items: [Item] = []
  private var ids: Set<RecordID> = []
  private lazy var buffer = WipedBuffer(byteCount: Self.byteCountMax)
  private var usedByteCount = 0

  var isEmpty: Bool { items.isEmpty }

  /// Whether a folder or file waits here.
  func holds(_ id: RecordID) -> Bool { ids.contains(id) }

  func hasRoom(for byteCount: Int) -> Bool {
    // One byte more shows that a file has grown.
    items.count < Self.countMax && usedByteCount + byteCount < Self.byteCountMax
  }

  func append(_ folder: Folder) {
    items.append(.folder(folder))
    ids.insert(folder.change.record)
  }

  /// Reads a file as it lies open; ``append(_:_:at:)`` keeps it.
  ///
  /// - Precondition: there is room.
  /// - Throws: ``ReplicaError/fileChanged(_:)``.
  func read(_ file: OpenFile, _ added: AddedFile) throws -> UnsafeRawBufferPointer {
    let byteCount = added.status.byteCount
    let space = UnsafeMutableRawBufferPointer(
      rebasing: buffer.bytes[usedByteCount...usedByteCount + byteCount])
    guard try file.readFully(into: space) == byteCount else {
      throw ReplicaError.fileChanged(added.source)
    }
    return UnsafeRawBufferPointer(rebasing: space[..<byteCount])
  }

  func append(_ added: AddedFile, _ plaintext: UnsafeRawBufferPointer, at reportIndex: Int) {
    items.append(.file(File(added: added, reportIndex: reportIndex, plaintext: plaintext)))
    ids.insert(added.file)
    usedByteCount += plaintext.count
  }

  /// Forgets what waits. Its plaintext is wiped with the batch, or written over.
  func clear() {
    items = []
    ids = []
    usedByteCount = 0
  }
}
