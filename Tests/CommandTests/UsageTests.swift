import CommandSupport
import Testing

/// Command lines that do not fit, and what is said about it. Nothing here needs a server.
@Suite struct UsageTests {
  @Test func unknownCommandHasAHint() throws {
    try withStage { stage in
      let ann = try stage.person("ann")
      let outcome = try ann.run("snyc", expecting: 2)
      #expect(outcome.err == "error: unknown command: snyc\nhint: did you mean “sync”?\n")
      #expect(outcome.out.isEmpty)
      let nothingLike = try ann.run("frobnicate", expecting: 2)
      #expect(nothingLike.err.contains("hint: see “satchel --help”"))
    }
  }

  @Test func unknownOptionHasAHint() throws {
    try withStage { stage in
      let outcome = try stage.person("ann").run("sync", "--jsno", expecting: 2)
      #expect(outcome.err == "error: unknown option: --jsno\nhint: did you mean “--json”?\n")
    }
  }

  @Test(arguments: [
    [], ["org"], ["org", "create"], ["sync", "--server"], ["invite"], ["init", "--invite"],
    ["init"], ["sync", "extra"],
  ])
  func incompleteCommandIsAUsageFailure(words: [String]) throws {
    try withStage { stage in
      let outcome = try stage.person("ann").run(typed: words)
      #expect(outcome.exit == 2, "\(outcome.transcript)")
      #expect(outcome.err.hasPrefix("error: "), "\(outcome.transcript)")
    }
  }

  @Test func helpIsAResult() throws {
    try withStage { stage in
      let ann = try stage.person("ann")
      let help = try ann.does("--help")
      #expect(help.contains("consent approve"))
      #expect(try ann.does("consent", "approve", "--help").contains("--until"))
      #expect(try ann.does("--version").hasPrefix("satchel "))
    }
  }

  @Test func serverCommandsHaveHintsToo() throws {
    try withStage { stage in
      let outcome = try stage.runServer("sevre")
      #expect(outcome.exit == 2)
      #expect(outcome.err.contains("hint: did you mean “serve”?"), "\(outcome.transcript)")
      let notInitialised = try stage.runServer("serve", "--listen", "127.0.0.1:0")
      #expect(notInitialised.exit == 1)
      #expect(notInitialised.err.contains("satchel-server init"), "\(notInitialised.transcript)")
      let address = try stage.runServer("serve", "--listen", "somewhere")
      #expect(address.exit == 2, "\(address.transcript)")
    }
  }

  @Test func serverIsCompactedWhileItDoesNotServe() throws {
    try withStage { stage in
      _ = try TestServer.initialize(on: stage)
      let data = stage.folder.appending(path: "server").path
      let outcome = try stage.runServer("compact", "--data", data)
      #expect(outcome.exit == 0 && outcome.line == "0 commits compacted", "\(outcome.transcript)")
      let server = try TestServer(on: stage)
      let inUse = try stage.runServer("compact", "--data", data)
      #expect(inUse.exit == 1, "\(inUse.transcript)")
      try server.stop()
    }
  }

  @Test(arguments: [["sync"], ["people"], ["consent", "ls"], ["unlock"], ["device", "ls"]])
  func commandWithoutAHomeSaysHowToMakeOne(words: [String]) throws {
    try withStage { stage in
      let ann = try stage.person("ann")
      let outcome = try ann.run(typed: words)
      #expect(outcome.exit == 1, "\(outcome.transcript)")
      #expect(outcome.err.contains("error: there is no Satchel home at \(ann.home)"))
      #expect(outcome.err.contains("hint: make one with `satchel init`"))
      #expect(!ann.hasHome)
    }
  }
}
