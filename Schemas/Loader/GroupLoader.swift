import Merge

/// Reads the components of a group.
struct GroupLoader {
  /// The states of the group's workflow: the values of the component that it speaks of.
  let impliedValues: [String]?

  func load(_ object: SchemaObject) throws(SchemaError) -> ValueShape {
    let of = try object.required("of")
    let members = try of.namedMembers(SchemaLimits.componentCounts, reserved: [])
    let stateName = try impliedValues == nil ? nil : object["by"]?.name() ?? "state"
    var components: [Field.Component] = []
    for (name, node) in members {
      components.append(
        try component(name, node, impliedValues: name == stateName ? impliedValues : nil))
    }
    components.sort { $0.name < $1.name }
    return ValueShape(kind: .group(components), sizeMax: components.count)
  }

  private func component(
    _ name: String, _ node: SchemaNode, impliedValues: [String]?
  ) throws(SchemaError) -> Field.Component {
    let loader = ValueShapeLoader(place: .component, impliedValues: impliedValues)
    let shape: ValueShape
    // The state of a workflow is always required; there is nothing to say.
    var isRequired = impliedValues != nil
    if case .string = node.value {
      shape = try loader.load(short: node)
    } else {
      let object = try node.object(keys: ["kind", "required"] + ValueShape.keys)
      shape = try loader.load(object)
      isRequired = try object["required"]?.bool() ?? isRequired
    }
    return Field.Component(
      name: name, kind: shape.kind, required: isRequired, sizeMin: shape.sizeMin,
      sizeMax: shape.sizeMax, itemSize: shape.itemSize)
  }
}
