import Foundation

/// Where tests put what the real encoders make, for the fuzz targets to start from.
public struct FuzzSeeds: Sendable {
  /// `nil` unless `SATCHEL_FUZZ_SEEDS` names a folder.
  public static let requested: FuzzSeeds? = ProcessInfo.processInfo
    .environment["SATCHEL_FUZZ_SEEDS"].map { FuzzSeeds(path: $0) }

  private let path: String

  /// Of the key that age seeds are sealed to, in the tests and in the fuzz target.
  public static let ageKeySeed: UInt64 = 4242

  public func write(_ bytes: [UInt8], for target: String, name: String) throws {
    let folder = "\(path)/\(target)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(filePath: "\(folder)/\(name)"))
  }
}
