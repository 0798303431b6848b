import Merge

/// Reads one workflow, and checks that it is complete.
struct WorkflowLoader {
  func load(_ name: String, _ node: SchemaNode) throws(SchemaError) -> Workflow {
    let object = try node.object(keys: ["states", "precedence", "transitions"])
    let statesNode = try object.required("states")
    let states = try statesNode.names(SchemaLimits.wordCounts)
    let precedence = try self.precedence(try object.required("precedence"), states)
    let transitionsNode = try object.required("transitions")
    let transitions = try self.transitions(transitionsNode, states)
    if let state = firstUnreachable(states, transitions) {
      throw transitionsNode.error(.unreachable(state: state))
    }
    return Workflow(name: name, states: states, precedence: precedence, transitions: transitions)
  }

  private func precedence(
    _ node: SchemaNode, _ states: [String]
  ) throws(SchemaError) -> [String] {
    let precedence = try node.names(SchemaLimits.wordCounts)
    for (index, state) in precedence.enumerated() where !states.contains(state) {
      let path = SchemaPath.join(node.path, index: index)
      throw SchemaError(file: node.file, path: path, reason: .undeclared("state"))
    }
    if let missing = states.first(where: { !precedence.contains($0) }) {
      throw node.error(.incompletePrecedence(missing: missing))
    }
    return precedence
  }

  private func transitions(
    _ node: SchemaNode, _ states: [String]
  ) throws(SchemaError) -> [Workflow.Transition] {
    var transitions: [Workflow.Transition] = []
    for item in try node.items(SchemaLimits.transitionCounts) {
      let object = try item.object(keys: ["from", "to", "roles"])
      let to = try state(try object.required("to"), states)
      let roles = try object.required("roles").roles()
      for from in try origins(try object.required("from"), states) {
        guard !transitions.contains(where: { $0.from == from && $0.to == to }) else {
          throw item.error(.repeated)
        }
        transitions.append(Workflow.Transition(from: from, to: to, roles: roles))
      }
    }
    return transitions
  }

  /// `null` is the state of a new record.
  private func origins(
    _ node: SchemaNode, _ states: [String]
  ) throws(SchemaError) -> [String?] {
    switch node.value {
    case .null: return [nil]
    case .string: return [try state(node, states)]
    case .array:
      var origins: [String?] = []
      for item in try node.items(SchemaLimits.wordCounts) {
        let origin = try state(item, states)
        guard !origins.contains(origin) else { throw item.error(.repeated) }
        origins.append(origin)
      }
      return origins
    default: throw node.error(.wrongType(expected: "null, a state or an array of states"))
    }
  }

  private func state(_ node: SchemaNode, _ states: [String]) throws(SchemaError) -> String {
    let state = try node.name()
    guard states.contains(state) else { throw node.error(.undeclared("state")) }
    return state
  }

  private func firstUnreachable(
    _ states: [String], _ transitions: [Workflow.Transition]
  ) -> String? {
    var reached = Set(transitions.filter { $0.from == nil }.map(\.to))
    var waiting = Array(reached)
    while let state = waiting.popLast() {
      for transition in transitions where transition.from == state {
        if reached.insert(transition.to).inserted { waiting.append(transition.to) }
      }
    }
    return states.first { !reached.contains($0) }
  }
}
