import Merge

/// Who is in a world: an administrator, and practitioners and clients with one device or more.
package struct Cast: Sendable {
  package struct Member: Sendable {
    package let name: String
    package let role: Role
    /// Whose further device it is; `nil` for a person's first.
    package let person: String?
  }

  package let members: [Member]

  package static let countRange = 4...32

  /// As many devices as asked for: one practitioner and a client with two devices at least, then by
  /// turns a second device, another client, another practitioner, and so on.
  package init(count: Int) {
    precondition(Self.countRange.contains(count), "a world has from 4 to 32 devices")
    var members = [
      Member(name: "admin", role: .admin, person: nil),
      Member(name: "practitioner", role: .practitioner, person: nil),
      Member(name: "client", role: .client, person: nil),
      Member(name: "tablet", role: .client, person: "client"),
      Member(name: "laptop", role: .practitioner, person: "practitioner"),
    ]
    for number in 2...Self.countRange.upperBound {
      members += [
        Member(name: "client\(number)", role: .client, person: nil),
        Member(name: "practitioner\(number)", role: .practitioner, person: nil),
        Member(name: "tablet\(number)", role: .client, person: "client\(number)"),
      ]
    }
    self.members = Array(members.prefix(count))
  }

  package static let small = Cast(count: 4)

  package var names: [String] { members.map(\.name) }

  /// Those with an account of their own.
  func people(_ role: Role) -> [String] {
    members.filter { $0.role == role && $0.person == nil }.map(\.name)
  }

  /// Who is assigned to whom: the first client to each practitioner, each other client to one.
  var pairs: [(practitioner: String, client: String)] {
    let practitioners = people(.practitioner)
    return people(.client).enumerated().flatMap { index, client in
      practitioners.enumerated()
        .filter { index == 0 || index % practitioners.count == $0.offset }
        .map { (practitioner: $0.element, client: client) }
    }
  }
}
