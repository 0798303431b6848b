/// What a decoder accepts before it allocates anything.
public struct CBORLimits: Hashable, Sendable {
  /// How deep arrays and maps may be nested; an array of scalars is one deep.
  public var depthMax: Int {
    didSet { precondition((0...Self.depthCeiling).contains(depthMax)) }
  }
  /// The bytes of one byte or text string.
  public var byteCountMax: Int
  /// The items of one array, or the pairs of one map.
  public var countMax: Int

  /// Values are built by recursion, so the depth is bounded whatever the caller would like.
  public static let depthCeiling = 128

  public init(depthMax: Int = 16, byteCountMax: Int = 1 << 20, countMax: Int = 65_536) {
    precondition((0...Self.depthCeiling).contains(depthMax))
    self.depthMax = depthMax
    self.byteCountMax = byteCountMax
    self.countMax = countMax
  }

  /// Sixteen levels, 1 MiB a string, 65,536 items.
  public static let standard = CBORLimits()
}
