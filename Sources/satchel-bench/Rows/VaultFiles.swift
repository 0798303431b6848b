import Foundation
import Terminal

/// Bars 8 and 9: files through the real programs, against restic to `rclone serve restic` on the same
/// disk. The ratio is of times: ours to restic's.
enum VaultFiles {
  static let rows = [
    Row("8-vault-large", "a file of 1 GiB added, sealed, synced; restic's backup", .atMost(0.5)) {
      bench in
      let byteCount = bench.scaled(1 << 30)
      return try upwards(bench) { try Files.large(byteCount, at: $0) }
    },
    Row(
      "9-vault-small-up", "5,000 files of 2 to 60 KB added, sealed, synced; restic's backup",
      .atMost(1)
    ) { bench in
      try upwards(bench) { try Files.small(fileCount(bench), in: $0) }
    },
    Row(
      "9-vault-small-down", "a second device fetches and opens them; restic's restore", .atMost(1),
      measure: downwards),
    Row(
      "9-vault-unchanged", "a sync with nothing to do; restic's backup of what has not changed",
      .atMost(0.15), measure: unchanged),
  ]

  private static func fileCount(_ bench: Bench) -> Int { bench.scaled(5_000, atLeast: 20) }

  /// What others have written must not be in the way: ours waits for the disk, restic does not.
  private static func settledSeconds(_ body: () throws -> Void) rethrows -> Double {
    sync()
    return try Bench.seconds(body)
  }

  private static func upwards(
    _ bench: Bench, _ make: (String) throws -> Void
  ) throws -> Measurement {
    try bench.withFolder { folder in
      let files = absolute("\(folder)/files")
      try make(files)
      return try bench.interleaved("s", against: "restic") {
        try bench.withFolder { folder in
          let stage = try VaultStage(in: absolute(folder))
          return try settledSeconds {
            try stage.run("0", ["vault", "add", files])
            try stage.run("0", ["sync"])
          }
        }
      } yardstick: {
        try bench.withFolder { folder in
          let restic = try Restic(in: absolute(folder))
          return try settledSeconds { try restic.backUp(files) }
        }
      }
    }
  }

  private static func downwards(_ bench: Bench) throws -> Measurement {
    try bench.withFolder { folder in
      let folder = absolute(folder)
      let files = "\(folder)/files"
      try Files.small(fileCount(bench), in: files)
      // A new device for each round, and for the one that is not counted.
      let stage = try VaultStage(in: folder, deviceCount: bench.roundCount + 2)
      try stage.run("0", ["vault", "add", files])
      try stage.run("0", ["sync"])
      let restic = try Restic(in: folder)
      try restic.backUp(files)
      var device = 0
      return try bench.interleaved("s", against: "restic") {
        device += 1
        let target = "\(folder)/out-\(device)"
        let seconds = try settledSeconds {
          try stage.run("\(device)", ["sync"])
          try stage.run("\(device)", ["vault", "get", "files", "--to", target])
        }
        guard Files.areSame(files, "\(target)/files") else { throw Failure("files are missing") }
        try FileManager.default.removeItem(atPath: target)
        return seconds
      } yardstick: {
        let target = "\(folder)/restored"
        let seconds = try settledSeconds { try restic.restore(to: target) }
        try FileManager.default.removeItem(atPath: target)
        return seconds
      }
    }
  }

  private static func unchanged(_ bench: Bench) throws -> Measurement {
    try bench.withFolder { folder in
      let folder = absolute(folder)
      let files = "\(folder)/files"
      try Files.small(fileCount(bench), in: files)
      let stage = try VaultStage(in: folder)
      try stage.run("0", ["vault", "add", files])
      try stage.run("0", ["sync"])
      let restic = try Restic(in: folder)
      try restic.backUp(files)
      return try bench.interleaved("s", against: "restic") {
        try settledSeconds { try stage.run("0", ["sync"]) }
      } yardstick: {
        try settledSeconds { try restic.backUp(files) }
      }
    }
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
