import CommandSupport
import Foundation
import Testing

/// A server, an organisation with a team, and its administrator: what most transcripts start from.
/// One for each suite, because making it takes a second.
final class Clinic: Sendable {
  let stage: Stage
  let server: TestServer
  let admin: Person

  init() throws {
    stage = try Stage()
    let invitation = try TestServer.initialize(on: stage)
    server = try TestServer(on: stage)
    admin = try stage.person("admin")
    try admin.does("init", "--server", server.url, "--invite", invitation, "--name", "Admin")
    try admin.unlock()
    try admin.does("org", "create", "Clinic")
    try admin.does("team", "create", "Cardio")
  }

  func close() throws {
    let result = Result { try server.stop() }
    try stage.close()
    _ = try result.get()
  }

  func invitation(_ role: String, name: String = "Somebody") throws -> String {
    try admin.does("invite", "--role", role, "--name", name)
  }

  /// Somebody who was invited, has come, and is known to the administrator; unlocked.
  func newcomer(_ name: String, _ role: String) throws -> Person {
    let invitation = try invitation(role, name: name)
    let person = try stage.person(name)
    try person.does("init", "--server", server.url, "--invite", invitation, "--name", name)
    try person.unlock()
    try admin.does("sync")
    return person
  }

  @TaskLocal private static var shared: Clinic?

  /// The clinic of the running suite, which has the trait `.clinic`.
  static var current: Clinic {
    get throws { try #require(shared) }
  }

  /// Opens a clinic before the first test of a suite and closes it after the last.
  struct Trait: SuiteTrait, TestScoping {
    func provideScope(
      for test: Test, testCase: Test.Case?, performing tests: @Sendable () async throws -> Void
    ) async throws {
      let clinic = try Clinic()
      let result: Result<Void, any Error>
      do {
        try await Clinic.$shared.withValue(clinic) { try await tests() }
        result = .success(())
      } catch {
        result = .failure(error)
      }
      try clinic.close()
      try result.get()
    }
  }
}

extension Trait where Self == Clinic.Trait {
  static var clinic: Self { Self() }
}
