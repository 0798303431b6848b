import Foundation
import Testing

@testable import HTTP

@Suite(.enabled(if: Certificates.shared != nil, "needs the openssl program"))
struct TLSTests {
  private func withSecureServer(
    _ identity: (Certificates) -> HTTPServerConfiguration.TLS,
    _ body: (HTTPServer, Certificates) throws -> Void
  ) throws {
    let certificates = try #require(Certificates.shared)
    let server = try startedServer({ $0.tls = identity(certificates) }, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    try body(server, certificates)
  }

  @Test func trustedCertificateWorks() throws {
    try withSecureServer(\.server) { server, certificates in
      let client = try client(of: server) {
        $0.certificateAuthorityPEM = certificates.authorityPEM
      }
      let body = [UInt8](repeating: 7, count: 3_000_000)
      let response = try client.send(method: "POST", path: "/", body: body)
      #expect(response.body == body)
    }
  }

  @Test func certificateOfAnotherAuthorityIsRefused() throws {
    try withSecureServer(\.stranger) { server, certificates in
      let client = try client(of: server) {
        $0.certificateAuthorityPEM = certificates.authorityPEM
      }
      try expectTLSFailure(client)
    }
  }

  @Test func certificateForAnotherHostIsRefused() throws {
    try withSecureServer(\.otherHost) { server, certificates in
      let client = try client(of: server) {
        $0.certificateAuthorityPEM = certificates.authorityPEM
      }
      try expectTLSFailure(client)
    }
  }

  private func expectTLSFailure(_ client: HTTPClient) throws {
    do throws(HTTPClientError) {
      _ = try client.send(method: "GET", path: "/")
      Issue.record("the certificate was taken")
    } catch {
      guard case .tlsFailure = error else { throw error }
    }
  }

  @Test func systemAuthoritiesDoNotVouchForAPrivateOne() throws {
    try withSecureServer(\.server) { server, _ in
      try expectTLSFailure(try client(of: server))
    }
  }

  @Test func brokenCertificateTextIsRefused() throws {
    try withSecureServer(\.server) { server, _ in
      let client = try client(of: server) {
        $0.certificateAuthorityPEM = """
          -----BEGIN CERTIFICATE-----
          bm90IGEgY2VydGlmaWNhdGU=
          -----END CERTIFICATE-----
          """
      }
      try expectTLSFailure(client)
    }
  }

  @Test func textThatIsNoCertificateIsRefused() throws {
    var configuration = HTTPClientConfiguration(baseURL: "https://127.0.0.1:1")
    configuration.certificateAuthorityPEM = "not a certificate"
    #expect(throws: HTTPClientError.self) { try HTTPClient(configuration) }
  }

  @Test func keyOfAnotherCertificateStopsTheServer() throws {
    let certificates = try #require(Certificates.shared)
    let mixed = HTTPServerConfiguration.TLS(
      certificatePEM: certificates.server.certificatePEM, keyPEM: certificates.stranger.keyPEM)
    #expect(throws: HTTPServerError.certificateRefused) {
      try startedServer({ $0.tls = mixed }, handler: echo)
    }
  }
}
