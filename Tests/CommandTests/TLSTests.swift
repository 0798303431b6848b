import CommandSupport
import Foundation
import Testing

/// The server with a certificate, and devices that trust it or do not.
@Suite struct TLSTests {
  /// A certificate of its own for 127.0.0.1, and its key.
  private func certificate(_ stage: Stage) throws -> (certificate: String, key: String) {
    let certificate = stage.folder.appending(path: "certificate.pem").path
    let key = stage.folder.appending(path: "key.pem").path
    let outcome = try Running(
      URL(filePath: "/usr/bin/openssl"),
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=IP:127.0.0.1",
      ], environment: stage.environment, in: stage.folder
    ).finish()
    try #require(outcome.exit == 0, "\(outcome.transcript)")
    return (certificate, key)
  }

  @Test func devicesReachTheServerTheyTrustAndNoOther() throws {
    try withStage { stage in
      let invitation = try TestServer.initialize(on: stage)
      let (certificate, key) = try certificate(stage)
      let server = try TestServer(
        on: stage, options: ["--tls-cert", certificate, "--tls-key", key])
      #expect(server.url.hasPrefix("https://127.0.0.1:"))
      let admin = try stage.person("admin")

      // Nobody on this machine vouches for the certificate.
      let stranger = try admin.run(
        "init", "--server", server.url, "--invite", invitation, expecting: 4)
      #expect(stranger.err.contains("error: the server cannot be reached"))
      #expect(!admin.hasHome)

      try admin.does(
        "init", "--server", server.url, "--invite", invitation, "--ca-file", certificate)
      try admin.does("org", "create", "Clinic", with: ["SATCHEL_CA_FILE": certificate])
      try admin.run("sync", expecting: 4)
      try server.stop()
    }
  }

  @Test func aKeyThatDoesNotFitIsSaidAtTheStart() throws {
    try withStage { stage in
      _ = try TestServer.initialize(on: stage)
      let (certificate, _) = try certificate(stage)
      let data = stage.folder.appending(path: "server").path
      let outcome = try stage.runServer(
        "serve", "--data", data, "--listen", "127.0.0.1:0", "--tls-cert", certificate, "--tls-key",
        certificate)
      #expect(outcome.exit != 0)
      #expect(outcome.err.hasPrefix("error: "))
    }
  }
}
