import Merge

/// What a check of a whole database came to: what was looked at, how much of it, and what is wrong.
public struct CheckReport: Hashable, Sendable {
  /// What is checked, in the order in which it is reported.
  public enum Part: String, CaseIterable, Sendable {
    case database
    case chains
    case logEntries = "log entries"
    case journals
    case signatures
    case verdicts
    case states
    case records
    case index
    case outbox
    case ownJournals = "own journals"
    case wraps
    case blobs
    case keys
    case digests
  }

  /// What can be done about a problem.
  public enum Remedy: Hashable, Sendable {
    /// It can be made anew from the log.
    case rebuild
    /// The space can be had from the server once more.
    case refetch
    /// A copy that is worth nothing can be dropped; it is fetched again.
    case discard
    /// What it was made from is damaged itself.
    case none
  }

  public struct Problem: Hashable, Sendable {
    public let part: Part
    /// `nil` where it concerns no single space.
    public let space: SpaceID?
    /// What is wrong, without anything that is sealed.
    public let what: String
    public let remedy: Remedy

    public init(_ part: Part, _ what: String, in space: SpaceID? = nil, _ remedy: Remedy) {
      self.part = part
      self.space = space
      self.what = what
      self.remedy = remedy
    }
  }

  /// Problems of one part of one space that are told one by one; more of them are the same trouble.
  public static let problemCountMax = 20

  /// How many of each part were looked at.
  public private(set) var counts: [Part: Int] = [:]
  public private(set) var problems: [Problem] = []
  /// What could not be looked at, and what is not here without being wrong.
  public private(set) var notes: [String] = []
  /// What a repair did.
  public var repairs: [String] = []

  public init() {}

  public mutating func count(_ part: Part, _ count: Int = 1) { counts[part, default: 0] += count }

  public mutating func add(
    _ part: Part, _ what: String, in space: SpaceID? = nil, _ remedy: Remedy
  ) {
    let problem = Problem(part, what, in: space, remedy)
    let known = problems.count { $0.part == part && $0.space == space }
    guard known < Self.problemCountMax, !problems.contains(problem) else { return }
    problems.append(problem)
  }

  /// What was looked at, how much of it, and how much of it is wrong, in the order of the parts.
  public var parts: [(part: Part, count: Int, problemCount: Int)] {
    Part.allCases.compactMap { part in
      let problemCount = problems.count { $0.part == part }
      let count = counts[part] ?? 0
      return count + problemCount == 0 ? nil : (part, count, problemCount)
    }
  }

  /// The report for people, line by line.
  public var lines: [String] {
    var lines = repairs.map { "repaired: \($0)" }
    for (part, count, problemCount) in parts {
      lines.append(
        "\(part.rawValue): \(count)" + (problemCount > 0 ? ", \(problemCount) wrong" : ""))
    }
    lines += notes.map { "note: \($0)" }
    for problem in problems {
      let space = problem.space.map { " in space \($0.hex.prefix(8))" } ?? ""
      lines.append("wrong: \(problem.what)\(space) (\(problem.part.meaning))")
    }
    return problems.isEmpty ? lines + ["all is well"] : lines
  }

  public mutating func note(_ note: String) {
    if !notes.contains(note) { notes.append(note) }
  }
}

extension CheckReport.Part {
  /// What it means that something is wrong with it.
  public var meaning: String {
    switch self {
    case .database: "the file itself is damaged"
    case .chains: "who may sign cannot be told from a signed history that was altered"
    case .logEntries: "the log is not the one that the server signed"
    case .journals: "commits of one author are missing or in another order"
    case .signatures: "nobody vouches for some commits"
    case .verdicts: "the log holds what should not have been accepted"
    case .states: "who is a member, and with which keys, is not what the log says"
    case .records: "what is shown is not what the log says"
    case .index: "what is looked up in the log is not what it says"
    case .outbox: "what waits to be sent is not as it was written"
    case .ownJournals: "the next write would not follow the last one"
    case .wraps: "a file's key is not the one that was named"
    case .blobs: "a file's bytes are not those that were named"
    case .keys: "what is sealed under the key cannot be opened"
    case .digests: "this copy and the server's came to different things from one log"
    }
  }
}
