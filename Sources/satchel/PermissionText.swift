import Merge
import Terminal

/// Permissions as people write them: `view,download,note`, or the full names of the schemas.
enum PermissionText {
  private static let short: [(word: String, permission: Permission)] = [
    ("view", .viewFiles), ("download", .downloadFiles), ("note", .addNotes),
  ]

  static func parse(_ text: String) throws(Failure) -> [Permission] {
    var result: [Permission] = []
    for word in text.split(separator: ",").map({ $0.trimmingPrefix(" ") }) {
      let known =
        short.first { $0.word == word }?.permission ?? Permission(rawValue: String(word))
      guard let known else {
        let words = short.map(\.word) + Permission.allCases.map(\.rawValue)
        throw Failure.usage(
          "there is no permission “\(Text.printable(String(word)))”",
          hint: "known are: \(words.joined(separator: ", "))")
      }
      result.append(known)
    }
    return result
  }

  /// The permissions that may be offered to a practitioner (requirement E7).
  static func parsePractitioners(_ text: String) throws(Failure) -> [Permission] {
    let permissions = try parse(text)
    let levels = Permission.levels(of: .practitioner)
    let others = permissions.filter { !levels.contains($0) }.map(\.rawValue)
    guard others.isEmpty else {
      throw Failure.usage(
        "\(others.joined(separator: ", ")) cannot be allowed to a practitioner",
        hint: "choose from: \(levels.map(\.rawValue).joined(separator: ", "))")
    }
    return permissions
  }

  static func text(_ permissions: [Permission]) -> String {
    permissions.map { permission in
      short.first { $0.permission == permission }?.word ?? permission.rawValue
    }.joined(separator: ",")
  }
}
