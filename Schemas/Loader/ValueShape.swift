import Merge

/// The kind and limits of a field, of a component of a group, or of an element of a list or set.
struct ValueShape {
  let kind: Field.Kind
  var sizeMin = 0
  let sizeMax: Int
  var itemSize = 0...0

  /// The keys that ``ValueShapeLoader`` reads, besides `kind`.
  static let keys = ["bytes_max", "bytes", "values", "type", "max", "of"]

  /// An enumeration with these values.
  static func enumeration(_ values: [String]) -> ValueShape {
    ValueShape(kind: .enumeration(values), sizeMax: values.map(\.utf8.count).max() ?? 0)
  }
}
