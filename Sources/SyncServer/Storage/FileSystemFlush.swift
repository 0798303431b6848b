import CLinux
import Foundation

/// Makes durable at once all that is written to a file system after this was made: for many small files
/// it takes little longer than `fsync` of one.
final class FileSystemFlush {
  private let descriptor: Int32

  /// - Parameter directory: on the file system.
  init(of directory: String) throws(ServerError) {
    descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(code: errno) }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Throws: ``ServerError/system(code:)``, also where an earlier write failed behind the program's back.
  func flush() throws(ServerError) {
    guard satchel_sync_file_system(descriptor) == 0 else { throw .system(code: errno) }
  }
}
