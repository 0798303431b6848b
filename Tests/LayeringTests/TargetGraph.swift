/// What each target may import: docs/architecture.md as a table. Whoever widens a line here changes
/// the design and says so there.
enum TargetGraph {
  static let allowed: [String: Set<String>] = [
    // Pure: no I/O, no clock, no randomness, no Foundation.
    "CBOR": [],
    "Merge": ["CBOR"],

    // Cryptography. Sealing is what opens and seals: only a member's device has it; on all cores.
    "Signing": ["CSodium", "Synchronization"],
    "Sealing": ["Signing", "CSodium", "Dispatch"],

    // What people read aloud, copy by hand or scan.
    "Words": ["Signing", "CSodium"],
    "QRCodes": ["CQREncode"],

    // All that crosses the wire.
    "SyncProtocol": ["CBOR", "Merge", "Signing", "Schemas"],

    // Storage.
    "Database": ["CSQLite", "Synchronization"],
    "Schemas": ["CBOR", "Merge"],
    "SpaceStore": ["CBOR", "Merge", "Signing", "SyncProtocol", "Database", "Schemas"],

    // The device.
    "Replica": [
      "CBOR", "Merge", "Signing", "Sealing", "SyncProtocol", "Database", "Schemas", "SpaceStore",
      "CLinux", "Foundation", "Glibc", "Synchronization",
    ],
    // The server: without Sealing and without Replica, so it cannot open anything.
    "SyncServer": [
      "CBOR", "Merge", "Signing", "SyncProtocol", "Database", "Schemas", "SpaceStore",
      "CLinux", "Foundation", "Synchronization",
    ],

    // Bytes in, bytes out; text in, text out. They know nothing of what is synced.
    "HTTP": ["CMicroHTTPD", "CLibCurl", "Foundation", "Synchronization"],
    "Terminal": ["CLinux", "Foundation", "Synchronization"],

    // The programs.
    "satchel": [
      "Replica", "SyncProtocol", "CBOR", "Merge", "Signing", "Sealing", "Words", "QRCodes", "HTTP",
      "Terminal", "CLinux", "Foundation", "Synchronization",
    ],
    "satchel-server": [
      "SyncServer", "SyncProtocol", "Schemas", "HTTP", "Terminal", "Foundation",
      "Synchronization",
    ],

    // Both sides in one process, for tests. Nothing that ships imports it.
    "Simulation": [
      "Replica", "SyncServer", "SpaceStore", "SyncProtocol", "Sealing", "Signing", "Merge",
      "CBOR", "Database", "Schemas", "Foundation", "Synchronization",
    ],
    "satchel-sim": ["Simulation", "Terminal", "Foundation"],
    // Yardsticks use the C libraries as they are.
    "satchel-bench": [
      "Simulation", "Replica", "SyncServer", "SpaceStore", "SyncProtocol", "Sealing", "Signing",
      "Merge", "CBOR", "Database", "Schemas", "HTTP", "Terminal", "CSQLite", "CSodium",
      "Foundation", "Synchronization",
    ],
  ]

  /// Where time and randomness come in through `Environment`, so that tests can own them.
  static let deterministic: Set = [
    "CBOR", "Merge", "Signing", "Sealing", "Words", "QRCodes", "SyncProtocol", "Database",
    "Schemas", "SpaceStore", "Replica", "SyncServer", "Simulation",
  ]

  /// The files that hand in the operating system's.
  static let environmentFiles: Set = [
    "Sources/Signing/Secrets/SystemRandom.swift", "Sources/SyncServer/SystemEnvironment.swift",
    // Compares with the times that the file system keeps, which are the machine's.
    "Sources/SyncServer/Storage/ContinuityMark.swift",
  ]
}
