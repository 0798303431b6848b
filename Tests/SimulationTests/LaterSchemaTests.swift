import Schemas
import Testing

@testable import Simulation

/// The later schema of the simulation is one that may be released: else its runs would prove nothing.
struct LaterSchemaTests {
  @Test func itOnlyGrows() {
    let problems = SchemaCheck.problems(
      in: LaterSchema.files.files, replacing: BuiltInSchema.files)
    #expect(problems == [])
    #expect(LaterSchema.files.files.count == BuiltInSchema.files.count + 1)
  }
}
