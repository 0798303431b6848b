import CBOR

extension SpaceState {
  func writePast(_ writer: inout CBORWriter) {
    writer.array(count: past.count)
    for lost in past {
      writer.array(count: 6)
      writer.unsigned(lost.number)
      writer.unsigned(lost.base.rawValue)
      writer.optional(lost.parent?.incarnation) { $0.unsigned($1) }
      writer.unsigned(lost.parent?.position.rawValue ?? 0)
      writer.unsigned(lost.recoveredTo.rawValue)
      writer.array(count: lost.runs.count)
      for run in lost.runs {
        writer.array(count: 3)
        writer.unsigned(run.old.rawValue)
        writer.unsigned(run.new.rawValue)
        writer.unsigned(run.count)
      }
    }
  }

  mutating func readPast(_ reader: inout StateReader) throws(StateError) {
    past = try reader.list { (r) throws(StateError) in
      try r.fields(6)
      let number = try r.unsigned()
      let base = try r.position()
      let incarnation = try r.optional { (r) throws(StateError) in try r.unsigned() }
      let end = try r.position()
      let recoveredTo = try r.position()
      let runs = try r.list { (r) throws(StateError) in
        try r.fields(3)
        return PastIncarnation.Run(
          old: try r.position(), new: try r.position(), count: try r.unsigned())
      }
      return PastIncarnation(
        number: number, base: base,
        parent: incarnation.map { LogPlace(incarnation: $0, position: end) },
        recoveredTo: recoveredTo, runs: runs)
    }
  }
}
