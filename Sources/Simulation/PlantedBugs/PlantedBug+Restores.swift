/// Bugs in what happens after a backup was put back.
extension PlantedBug {
  /// What everybody had seen is in no log any more, and what comes instead has its places.
  static let restoredUnnoticed = PlantedBug(
    "restored-server-unnoticed",
    "a server that was set back goes on in its old incarnation, as if nothing were lost",
    foundBy: ["equality", "honesty", "accounting", "liveness"]
  ).with { $0.serverRestore = .unnoticed }
}
