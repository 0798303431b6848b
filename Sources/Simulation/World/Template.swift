import Foundation
import Merge
import Replica
import Signing
import SyncProtocol
import SyncServer
import Synchronization

/// A founded world on disk, made once a process for each size.
package struct Template: Sendable {
  package let path: String
  package let facts: World.Facts

  /// Founding takes seconds, and whoever waits for it needs it.
  private static let known = Mutex<[Int: Result<Template, any Error>]>([:])

  /// The template with so many devices.
  package static func of(_ cast: Cast) throws -> Template {
    try known.withLock { known in
      let result = known[cast.members.count] ?? Result { try make(cast) }
      known[cast.members.count] = result
      return result
    }.get()
  }

  private static func make(_ cast: Cast) throws -> Template {
    let folder = try TemporaryFolder()
    // Lives as long as the process; a static value has no end of its own.
    _ = Unmanaged.passRetained(folder)
    _ = removal
    return try SimulatedProcess.open(isDurable: false) { try Founding(folder, cast).run() }
  }

  private static let removal: Void = {
    atexit {
      for template in Template.made {
        do {
          try FileManager.default.removeItem(atPath: template.path)
        } catch {
          print("notice: \(template.path) was not removed: \(error)")
        }
      }
    }
    return ()
  }()

  private static var made: [Template] {
    known.withLock { known in
      known.keys.sorted().compactMap { count in
        guard case .success(let template) = known[count] else { return nil }
        return template
      }
    }
  }
}
