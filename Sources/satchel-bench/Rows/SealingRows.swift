import CSodium
import Foundation
import Sealing
import Signing
import Terminal

/// Bar 7: sealing and opening, in memory against libsodium itself, and from file to file against `age`.
enum SealingRows {
  static let rows = [
    Row(
      "7-seal-memory", "1 GiB sealed as an age payload in memory; libsodium on all cores",
      .atLeast(0.8)
    ) { try inMemory($0, seal) },
    Row(
      "7-open-memory", "1 GiB of an age payload opened in memory; libsodium on all cores",
      .atLeast(0.8)
    ) { try inMemory($0, open) },
    Row(
      "7-seal-names", "1 GiB sealed, cut into blobs and named by BLAKE2b; its computed limit",
      .atLeast(0.8), measure: named),
    Row("7-seal-file", "satchel age encrypt of 1 GiB, file to file; age", .atMost(1)) {
      try fileToFile($0, isSealing: true)
    },
    Row("7-open-file", "satchel age decrypt of 1 GiB, file to file; age", .atMost(1)) {
      try fileToFile($0, isSealing: false)
    },
  ]

  private static let pieceByteCount = 4 << 20
  private static let chunkByteCount = AgePayload.chunkByteCount

  // MARK: In memory

  private static func inMemory(
    _ bench: Bench, _ work: (Int) throws -> Double
  ) throws -> Measurement {
    let byteCount = bench.scaled(1 << 30, atLeast: 64 << 20)
    return try bench.interleaved("GB/s", against: "libsodium on all cores") {
      try work(byteCount)
    } yardstick: {
      Primitives.sealing(byteCount, coreCount: Machine.current.coreCount)
    }
  }

  private static func rate(_ byteCount: Int, _ seconds: Double) -> Double {
    Double(byteCount) / seconds / 1e9
  }

  /// One after the other, as a file is read.
  private static func seal(_ byteCount: Int) throws -> Double {
    let piece = [UInt8](repeating: 7, count: pieceByteCount)
    let random = SystemRandom()
    let sealer = PayloadSealer(fileKey: FileKey(random: random), random: random)
    var sealed = 0
    let seconds = piece.withUnsafeBytes { piece in
      Bench.seconds {
        for _ in 0..<byteCount / pieceByteCount { sealer.update(piece) { sealed += $0.count } }
        sealer.finish { sealed += $0.count }
      }
    }
    guard sealed >= byteCount else { throw Failure("not all was sealed") }
    return rate(byteCount, seconds)
  }

  private static func open(_ byteCount: Int) throws -> Double {
    let random = SystemRandom()
    let key = FileKey(random: random)
    // All of it, because each chunk is sealed for its place.
    var payload: [UInt8] = []
    payload.reserveCapacity(AgePayload.payloadByteCount(plaintextByteCount: byteCount))
    let sealer = PayloadSealer(fileKey: key, random: random)
    let piece = [UInt8](repeating: 7, count: pieceByteCount)
    piece.withUnsafeBytes { piece in
      for _ in 0..<byteCount / pieceByteCount {
        sealer.update(piece) { payload.append(contentsOf: $0) }
      }
    }
    sealer.finish { payload.append(contentsOf: $0) }
    var opened = 0
    let opener = PayloadOpener(fileKey: key)
    let seconds = try payload.withUnsafeBytes { payload in
      try Bench.seconds {
        for start in stride(from: 0, to: payload.count, by: pieceByteCount) {
          let end = min(start + pieceByteCount, payload.count)
          try opener.update(UnsafeRawBufferPointer(rebasing: payload[start..<end])) {
            opened += $0.count
          }
        }
        try opener.finish { opened += $0.count }
      }
    }
    guard opened >= byteCount / pieceByteCount * pieceByteCount else {
      throw Failure("not all was opened")
    }
    return rate(byteCount, seconds)
  }

  /// The vault's work but for the disk: the payload in blobs of 8 MiB, four at a time named.
  private static func named(_ bench: Bench) throws -> Measurement {
    let byteCount = bench.scaled(1 << 30, atLeast: 64 << 20)
    let coreCount = Machine.current.coreCount
    return try bench.interleaved("GB/s", against: "computed limit") {
      try sealAndName(byteCount)
    } yardstick: {
      let aead = Primitives.sealing(byteCount / 4, coreCount: coreCount) / Double(coreCount)
      let hash = Primitives.hashing(byteCount / 4, coreCount: coreCount) / Double(coreCount)
      return Double(coreCount) / (1 / aead + 1 / hash)
    }
  }

  private static func sealAndName(_ byteCount: Int) throws -> Double {
    let piece = [UInt8](repeating: 7, count: pieceByteCount)
    let random = SystemRandom()
    let cutter = PayloadCutter(
      fileKey: FileKey(random: random), random: random, blobByteCount: 8 << 20)
    var named = 0
    let seconds = piece.withUnsafeBytes { piece in
      Bench.seconds {
        for _ in 0..<byteCount / pieceByteCount {
          cutter.append(piece) { named += $0.bytes.count }
        }
        cutter.finish { named += $0.bytes.count }
      }
    }
    guard named >= byteCount else { throw Failure("not all was named") }
    return rate(byteCount, seconds)
  }

  // MARK: File to file

  private static func fileToFile(_ bench: Bench, isSealing: Bool) throws -> Measurement {
    let (satchel, age) = (try Program.built("satchel"), try Program.required("age"))
    let keygen = try Program.required("age-keygen")
    return try bench.withFolder { folder in
      try Files.large(bench.scaled(1 << 30), at: "\(folder)/plain")
      try keygen.run(["-o", "\(folder)/key"])
      let recipient = try keygen.run(["-y", "\(folder)/key"]).trimmed
      try age.run(["-r", recipient, "-o", "\(folder)/sealed", "\(folder)/plain"])
      let ours: [String]
      let theirs: [String]
      if isSealing {
        ours = ["age", "encrypt", "-r", recipient, "-o", "\(folder)/out", "\(folder)/plain"]
        theirs = ["-r", recipient, "-o", "\(folder)/out", "\(folder)/plain"]
      } else {
        ours = ["age", "decrypt", "-i", "\(folder)/key", "-o", "\(folder)/out", "\(folder)/sealed"]
        theirs = ["-d", "-i", "\(folder)/key", "-o", "\(folder)/out", "\(folder)/sealed"]
      }
      return try bench.interleaved("s", against: "age") {
        try once(folder) { try satchel.run(ours) }
      } yardstick: {
        // Ours is durable when it ends. What age leaves to the system is waited for, too.
        try once(folder) {
          try age.run(theirs)
          sync()
        }
      }
    }
  }

  private static func once(_ folder: String, _ body: () throws -> Void) throws -> Double {
    sync()
    let seconds = try Bench.seconds(body)
    try FileManager.default.removeItem(atPath: "\(folder)/out")
    return seconds
  }
}
