import CommandSupport
import Testing

/// The server goes away and comes back.
@Suite struct OfflineTests {
  @Test func workIsKeptWhileTheServerIsDown() throws {
    let clinic = try Clinic()
    let berg = try clinic.newcomer("Dr. Berg", "practitioner")
    let ann = try clinic.newcomer("Ann", "client")
    try clinic.admin.does("assign", "--practitioner", berg.name, "--client", ann.name)
    try berg.does("sync")
    try ann.does("sync")

    try clinic.server.stop()
    let down = try ann.run("sync", expecting: 4)
    #expect(down.err.contains("error: the server cannot be reached"))
    #expect(down.err.contains("hint: the work is kept and will be sent"))
    // Deciding needs no server.
    try ann.does("consent", "approve", "--can", "view")
    try berg.does("consent", "accept")
    try ann.run("sync", expecting: 4)
    #expect(try ann.does("consent", "ls").contains("client: approved"))

    // Back at another address; each device is told once.
    let server = try TestServer(on: clinic.stage)
    for person in [ann, berg, ann] { try person.does("sync", "--server", server.url) }
    #expect(try ann.does("consent", "ls").contains("active"))
    try server.stop()
    try clinic.stage.close()
  }

  @Test func registrationThatFindsNoServerLeavesNothingBehind() throws {
    try withStage { stage in
      let invitation = try TestServer.initialize(on: stage)
      let admin = try stage.person("admin")
      let outcome = try admin.run(
        "init", "--server", "http://127.0.0.1:1", "--invite", invitation, expecting: 4)
      #expect(outcome.err.contains("error: the server cannot be reached"))
      #expect(!admin.hasHome)
      let server = try TestServer(on: stage)
      try admin.does("init", "--server", server.url, "--invite", invitation)
      let stopped = try server.stop()
      #expect(stopped.err.contains("stopped"))
    }
  }

  @Test func serverWithAnotherKeyIsNotTrusted() throws {
    try withStage { stage in
      let invitation = try TestServer.initialize("one", on: stage)
      _ = try TestServer.initialize("other", on: stage)
      let other = try TestServer("other", on: stage)
      let outcome = try stage.person("admin").run(
        "init", "--server", other.url, "--invite", invitation, expecting: 5)
      #expect(outcome.err.contains("another key than the invitation said"))
      try other.stop()
    }
  }

  @Test func oneServerForOneDataDirectory() throws {
    try withStage { stage in
      _ = try TestServer.initialize(on: stage)
      let again = try stage.runServer("init", "--data", stage.folder.appending(path: "server").path)
      #expect(again.exit == 5, "\(again.transcript)")
      let server = try TestServer(on: stage)
      let second = try stage.runServer(
        "serve", "--data", stage.folder.appending(path: "server").path, "--listen", "127.0.0.1:0")
      #expect(second.exit == 1, "\(second.transcript)")
      #expect(second.err.contains("hint: stop it first"))
      try server.stop()
    }
  }
}
