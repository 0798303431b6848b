import Merge
import Testing

/// An entry that is refused for one reason, and its nearest neighbour that is accepted.
struct RefusalCase: Sendable, CustomTestStringConvertible {
  typealias Scene = @Sendable () throws -> Verdict

  let name: String
  let code: Refusal.Code
  let refused: Scene
  let accepted: Scene

  init(_ name: String, _ code: Refusal.Code, refused: @escaping Scene, accepted: @escaping Scene) {
    self.name = name
    self.code = code
    self.refused = refused
    self.accepted = accepted
  }

  var testDescription: String { name }
}
