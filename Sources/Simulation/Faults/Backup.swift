import Foundation

extension Party {
  private var backupPath: String { homePath + ".backup" }

  var hasBackup: Bool { FileManager.default.fileExists(atPath: backupPath) }

  /// Copies the home aside, as a backup program would between two commands.
  package func backUp() throws {
    close()
    if hasBackup { try FileManager.default.removeItem(atPath: backupPath) }
    try FileManager.default.copyItem(atPath: homePath, toPath: backupPath)
    try open()
  }

  /// Puts the home back as it was then; what happened since is not known to it.
  package func restoreBackup() throws {
    close()
    try FileManager.default.removeItem(atPath: homePath)
    try FileManager.default.copyItem(atPath: backupPath, toPath: homePath)
    try open()
  }
}
