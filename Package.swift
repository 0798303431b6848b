// swift-tools-version: 6.2
// The target graph of docs/architecture.md. A target imports exactly what it lists here:
// `swift build --explicit-target-dependency-import-check error` and Tests/LayeringTests hold it to that.
import PackageDescription

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
]

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
  name: "Satchel",
  products: [
    .library(name: "Satchel", targets: ["Replica"]),
    .executable(name: "satchel", targets: ["satchel"]),
    .executable(name: "satchel-server", targets: ["satchel-server"]),
    .executable(name: "satchel-sim", targets: ["satchel-sim"]),
    .executable(name: "satchel-bench", targets: ["satchel-bench"]),
  ],
  targets: [
    // C libraries from Debian; each shim header says why each shim exists.
    .systemLibrary(name: "CSodium", pkgConfig: "libsodium", providers: [.apt(["libsodium-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(
      name: "CMicroHTTPD", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
    .systemLibrary(
      name: "CLibCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

    .systemLibrary(
      name: "CQREncode", pkgConfig: "libqrencode", providers: [.apt(["libqrencode-dev"])]),

    .systemLibrary(name: "CLinux"),

    // Pure: no I/O, no clock, no randomness.
    module("CBOR"),
    module("Merge", ["CBOR"]),

    // Cryptography: what a server may do, and what only a member's device may do.
    module("Signing", ["CSodium"]),
    module("Sealing", ["Signing", "CSodium"]),

    // What people read aloud, copy by hand or scan.
    .target(
      name: "Words", dependencies: ["Signing", "CSodium"], exclude: ["NOTICE"],
      resources: [.embedInCode("english.txt")], swiftSettings: settings),
    module("QRCodes", ["CQREncode"]),

    // All that crosses the wire.
    module("SyncProtocol", ["CBOR", "Merge", "Signing", "Schemas"]),

    // Storage.
    module("Database", ["CSQLite"]),
    .target(
      name: "Schemas", dependencies: ["CBOR", "Merge"], path: "Schemas",
      exclude: ["README.md"],
      resources: [
        .embedInCode("access_request.json"),
        .embedInCode("assignment.json"),
        .embedInCode("comment.json"),
        .embedInCode("device_name.json"),
        .embedInCode("emergency_deposit.json"),
        .embedInCode("file.json"),
        .embedInCode("folder.json"),
        .embedInCode("internal_note.json"),
        .embedInCode("meta.schema.json"),
        .embedInCode("note.json"),
        .embedInCode("profile.json"),
        .embedInCode("share.json"),
        .embedInCode("standing_share.json"),
        .embedInCode("ticket.json"),
        .embedInCode("verification.json"),
        .embedInCode("version.json"),
        .embedInCode("worklog.json"),
      ],
      swiftSettings: settings),

    // What a space's log comes to, in SQL: shared by the device and the server.
    module("SpaceStore", ["CBOR", "Merge", "Signing", "SyncProtocol", "Database", "Schemas"]),

    // The device and the server. The server cannot open anything: it never imports Sealing.
    module(
      "Replica",
      [
        "CBOR", "Merge", "Signing", "Sealing", "SyncProtocol", "Database", "Schemas", "SpaceStore",
        "CLinux",
      ]),
    module(
      "SyncServer",
      ["CBOR", "Merge", "Signing", "SyncProtocol", "Database", "Schemas", "SpaceStore", "CLinux"]),

    // Bytes in, bytes out.
    module("HTTP", ["CMicroHTTPD", "CLibCurl"]),

    // What a command line needs: arguments, passwords, tables, progress, exit codes.
    module("Terminal", ["CLinux"]),

    program(
      "satchel",
      [
        "Replica", "SyncProtocol", "Merge", "Signing", "Sealing", "Words", "QRCodes", "HTTP",
        "Terminal", "CLinux",
      ]),
    program("satchel-server", ["SyncServer", "SyncProtocol", "Schemas", "HTTP", "Terminal"]),

    // Devices and a server in one process, on virtual time and a virtual network.
    module(
      "Simulation",
      [
        "Replica", "SyncServer", "SpaceStore", "SyncProtocol", "Sealing", "Signing", "Merge",
        "CBOR", "Database", "Schemas",
      ]),
    program("satchel-sim", ["Simulation", "Terminal"]),

    // Both sides against yardsticks: SQLite, libsodium and others, on the same machine in the same run.
    program(
      "satchel-bench",
      [
        "Simulation", "Replica", "SyncServer", "SyncProtocol", "Sealing", "Signing", "Merge",
        "CBOR", "Database", "Schemas", "HTTP", "Terminal", "CSQLite", "CSodium",
      ]),

    // What several suites need: seeded randomness, folders, vectors.
    .target(
      name: "TestSupport", dependencies: ["Merge", "Signing", "CSodium"], path: "Tests/TestSupport",
      swiftSettings: settings),

    // The real programs, typed at by people.
    .target(
      name: "CommandSupport", dependencies: ["TestSupport"], path: "Tests/CommandSupport",
      swiftSettings: settings),

    tests("CBORTests", ["CBOR", "TestSupport"]),
    tests("MergeTests", ["Merge", "CBOR", "Schemas", "TestSupport"]),
    tests("SigningTests", ["Signing", "TestSupport"]),
    tests("SealingTests", ["Sealing", "Signing", "TestSupport"]),
    tests("WordsTests", ["Words", "Signing", "TestSupport"]),
    tests("QRCodesTests", ["QRCodes", "TestSupport"]),
    tests(
      "SyncProtocolTests",
      ["SyncProtocol", "CBOR", "Merge", "Signing", "Schemas", "TestSupport"]),
    tests("DatabaseTests", ["Database", "TestSupport"]),
    tests("SchemasTests", ["Schemas", "Merge", "CBOR"]),
    tests(
      "SpaceStoreTests",
      [
        "SpaceStore", "SyncProtocol", "Signing", "Merge", "CBOR", "Database", "Schemas",
        "TestSupport",
      ]),
    tests(
      "SyncServerTests",
      [
        "SyncServer", "SpaceStore", "SyncProtocol", "Sealing", "Signing", "Merge", "CBOR",
        "Database", "Schemas", "TestSupport",
      ]),
    .testTarget(
      name: "ReplicaTests",
      dependencies: [
        "Replica", "SyncServer", "Simulation", "SpaceStore", "SyncProtocol", "Sealing", "Signing",
        "Merge", "CBOR", "Database", "Schemas", "TestSupport",
      ], exclude: ["Fixtures"], swiftSettings: settings),
    .testTarget(
      name: "SimulationTests",
      dependencies: [
        "Simulation", "Replica", "SyncServer", "SpaceStore", "Merge", "CBOR", "Schemas",
      ],
      exclude: ["Seeds.txt"],
      swiftSettings: settings),
    tests("HTTPTests", ["HTTP", "TestSupport"]),
    tests("TerminalTests", ["Terminal", "TestSupport"]),

    // The sources themselves, and the real programs.
    tests("LayeringTests", []),
    tests("CommandTests", ["satchel", "satchel-server", "CommandSupport", "TestSupport"]),
    // Servers and peers that misbehave on purpose, over HTTP.
    tests(
      "HostileTests",
      [
        "satchel", "satchel-server", "CommandSupport", "Simulation", "Replica", "SyncServer",
        "SpaceStore", "SyncProtocol", "Sealing", "Signing", "Merge", "CBOR", "Database", "HTTP",
        "TestSupport",
      ]),
  ]
)

// What libFuzzer runs (Tests/Fuzz/run): only where it is asked for, because it brings its own `main`.
if Context.environment["SATCHEL_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "satchel-fuzz",
      dependencies: [
        "CBOR", "Merge", "Signing", "Sealing", "SyncProtocol", "Schemas", "SyncServer", "HTTP",
        "TestSupport",
      ],
      path: "Tests/Fuzz/Targets",
      swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]))
}

// The suites where several threads meet (Tests/run), so that the thread sanitizer builds no others.
if Context.environment["SATCHEL_THREADED"] != nil {
  let threaded = ["HTTPTests", "SyncServerTests", "SealingTests"]
  package.targets.removeAll { $0.type == .test && !threaded.contains($0.name) }
  // Of the many of them, those that work on all cores.
  package.targets.first { $0.name == "SealingTests" }?.sources = ["ChunkBatchTests.swift"]
}
