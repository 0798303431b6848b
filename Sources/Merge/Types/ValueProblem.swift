/// Why a value does not fit its field. Names the field's limits and declared names, never the value.
public indirect enum ValueProblem: Error, Hashable, Sendable {
  /// A required field or component is null or not there.
  case missing
  /// A decision or a state can be replaced, not cleared.
  case notClearable
  case wrongKind(expected: Expected)
  /// Bytes of a text or byte string; elements of a list.
  case wrongSize(ClosedRange<Int>)
  /// Not one of the declared values.
  case undeclaredValue
  /// An integer beyond 64 signed bits, or a time before year 1 or after year 9999.
  case outOfRange
  /// U+0000, which SQL text functions take for the end.
  case zeroCharacter
  /// A component that the group does not declare.
  case undeclaredComponent
  /// A set is written element by element.
  case wholeSet
  /// The field has no elements of its own.
  case notASet
  /// The problem is in this component of the group.
  case component(String, ValueProblem)
  /// The problem is in this element of the list, counted from 0.
  case element(Int, ValueProblem)

  /// What a value should have been.
  public enum Expected: String, Hashable, Sendable {
    case text
    case integer
    case boolean
    case bytes
    case list
    case group = "map of components"
    /// Ciphertext.
    case sealed = "sealed bytes"
  }
}

extension ValueProblem: CustomStringConvertible {
  public var description: String {
    switch self {
    case .missing: "a value is required"
    case .notClearable: "a decision or a state can be replaced, not cleared"
    case .wrongKind(let expected): "expected: \(expected.rawValue)"
    case .wrongSize(let range) where range.lowerBound == range.upperBound:
      "the size has to be \(range.upperBound)"
    case .wrongSize(let range):
      "the size has to be from \(range.lowerBound) to \(range.upperBound)"
    case .undeclaredValue: "not one of the values that the schema declares"
    case .outOfRange: "the number is out of range"
    case .zeroCharacter: "the text holds a zero character"
    case .undeclaredComponent: "a component that the schema does not declare"
    case .wholeSet: "a set is written element by element"
    case .notASet: "the field is not a set"
    case .component(let name, let problem): "\(name): \(problem)"
    case .element(let index, let problem): "element \(index): \(problem)"
    }
  }
}
