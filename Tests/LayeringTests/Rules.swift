/// A place in the sources that breaks a rule, for the message of a test.
struct Violation: CustomStringConvertible, Equatable {
  let path: String
  let line: Int
  let what: String

  var description: String { "\(path):\(line): \(what)" }
}

/// The rules that a reader of one file can check.
enum Rules {
  static func imports(_ file: SourceFile) -> [Violation] {
    guard let allowed = TargetGraph.allowed[file.target] else {
      return [Violation(path: file.path, line: 1, what: "\(file.target) is not in the graph")]
    }
    return file.imports.compactMap { number, attributes, module in
      let words = attributes.filter { $0.hasPrefix("@") }
      if !words.isEmpty {
        return Violation(path: file.path, line: number, what: "\(words[0]) import")
      }
      if allowed.contains(module) { return nil }
      return Violation(
        path: file.path, line: number, what: "\(file.target) may not import \(module)")
    }
  }

  private static let clocksAndDice = [
    "Date()", "Date.now", "Date(timeIntervalSinceNow", "UUID()", "SystemRandomNumberGenerator",
    ".random(", ".randomElement()", ".shuffled()", ".shuffle()", "ContinuousClock",
    "SuspendingClock", "DispatchTime.now", "clock_gettime", "gettimeofday", "getrandom",
    "arc4random", "randombytes", "time(nil)", "CFAbsoluteTimeGetCurrent",
  ]

  static func time(_ file: SourceFile) -> [Violation] {
    guard TargetGraph.deterministic.contains(file.target),
      !TargetGraph.environmentFiles.contains(file.path)
    else { return [] }
    return find(clocksAndDice, in: file)
  }

  /// Errors are handled or thrown, never dropped and never a trap.
  static func droppedErrors(_ file: SourceFile) -> [Violation] {
    find(["try?", "try!", " as! "], in: file)
  }

  /// What the compiler cannot check, a sentence at that place has to argue.
  static func unexplained(_ file: SourceFile) -> [Violation] {
    find(["@unchecked Sendable", "nonisolated(unsafe)", "@preconcurrency"], in: file)
      .filter { !file.hasComment($0.line) && !file.isComment($0.line - 1) }
  }

  private static func find(_ words: [String], in file: SourceFile) -> [Violation] {
    file.code.flatMap { number, text in
      words.filter { contains(text, $0) }
        .map { Violation(path: file.path, line: number, what: $0) }
    }
  }

  /// A word that starts with a letter is not the end of a longer one.
  private static func contains(_ text: String, _ word: String) -> Bool {
    text.ranges(of: word).contains { range in
      guard word.first?.isLetter == true, range.lowerBound > text.startIndex else { return true }
      let before = text[text.index(before: range.lowerBound)]
      return !before.isLetter && !before.isNumber && before != "_"
    }
  }
}
