/// The limits of the schema format.
enum SchemaLimits {
  static let stringByteCounts = 1...65_536
  static let stringByteCountStandard = 1024
  static let elementCounts = 1...256
  /// A list of byte strings of exact length: the blob names of a file of 32 GiB.
  static let fixedElementCounts = 1...4096
  static let elementCountStandard = 64
  static let fieldCounts = 1...64
  static let componentCounts = 1...16
  static let wordCounts = 1...64
  static let workflowCounts = 1...8
  static let transitionCounts = 1...256
  /// A commit holds 256 KiB, with other fields and what seals them.
  static let valueByteCountMax = 192 << 10
}
