/// One figure of the benchmark: some work, its yardstick, and the bar for their ratio.
struct Row: Sendable {
  /// What `run` is told to run only this one: number of the bar, then words, `1-writes-sealed`.
  let name: String
  /// What is done, for people.
  let work: String
  let bar: Bar
  let measure: @Sendable (Bench) throws -> Measurement

  init(
    _ name: String, _ work: String, _ bar: Bar,
    measure: @escaping @Sendable (Bench) throws -> Measurement
  ) {
    self.name = name
    self.work = work
    self.bar = bar
    self.measure = measure
  }

  /// Whether a name on the command line means this row: all of the name, or its first words.
  func isMeant(by words: String) -> Bool { name == words || name.hasPrefix(words + "-") }
}
