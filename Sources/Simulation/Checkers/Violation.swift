/// Something that must never be, and was.
package struct Violation: Hashable, Sendable {
  package let seed: UInt64
  /// Which checker saw it.
  package let checker: String
  package let explanation: String

  package init(seed: UInt64, checker: String, explanation: String) {
    self.seed = seed
    self.checker = checker
    self.explanation = explanation
  }
}
