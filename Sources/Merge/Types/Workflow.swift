/// The states of a field, who may go from which to which, and which state wins among concurrent ones.
public struct Workflow: Hashable, Sendable {
  public struct Transition: Hashable, Sendable {
    /// `nil`: the state of a new record.
    public let from: String?
    public let to: String
    public let roles: [Role]

    public init(from: String?, to: String, roles: [Role]) {
      self.from = from
      self.to = to
      self.roles = roles
    }
  }

  public let name: String
  public let states: [String]
  /// Every state once; the first one present among concurrent siblings is shown.
  public let precedence: [String]
  public let transitions: [Transition]

  public init(name: String, states: [String], precedence: [String], transitions: [Transition]) {
    self.name = name
    self.states = states
    self.precedence = precedence
    self.transitions = transitions
  }

  /// The states that `role` may go to from `state`, in declared order.
  public func allowed(from state: String?, role: Role) -> [String] {
    transitions.filter { $0.from == state && $0.roles.contains(role) }.map(\.to)
  }
}
