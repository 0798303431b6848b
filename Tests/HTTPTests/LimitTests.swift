import Foundation
import Synchronization
import TestSupport
import Testing

@testable import HTTP

@Suite struct LimitTests {
  private func answer(
    _ request: String, _ change: (inout HTTPServerConfiguration) -> Void = { _ in }
  )
    throws -> String
  {
    let server = try startedServer(change, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let connection = try RawConnection(port: server.port)
    connection.send(request)
    return connection.readToEnd()
  }

  @Test(arguments: [
    "1099511627776", "18446744073709551615", "18446744073709551616", "99999999999999999999999",
  ])
  func hugeDeclaredBodyIsRefusedAtOnce(length: String) throws {
    let answer = try answer("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n")
    // What does not fit 64 bits the library itself may call malformed.
    #expect(answer.hasPrefix("HTTP/1.1 413") || answer.hasPrefix("HTTP/1.1 400"))
  }

  @Test func declaredBodyOneOverTheLimitIsRefused() throws {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
    let over = try answer(head + "101\r\n\r\n") { $0.bodyByteCountMax = 100 }
    #expect(over.hasPrefix("HTTP/1.1 413"))
    let body = String(repeating: "a", count: 100)
    let exact = try answer(head + "100\r\n\r\n" + body) { $0.bodyByteCountMax = 100 }
    #expect(exact.hasPrefix("HTTP/1.1 200"))
  }

  @Test(arguments: [
    "Content-Length: -1", "Content-Length: abc", "Content-Length: 1\r\nContent-Length: 1",
    "Content-Length: 1\r\nContent-Length: 2", "Content-Length: +1", "Content-Length: 1, 1",
    "Content-Length:", "Content-Length: 0x10",
    "Content-Length: 3\r\nTransfer-Encoding: chunked",
  ])
  func ambiguousFramingIsRefused(fields: String) throws {
    let answer = try answer("POST / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 400") || answer.isEmpty)
    #expect(!answer.contains("HTTP/1.1 200"))
  }

  @Test func unknownTransferCodingIsRefused() throws {
    let answer = try answer(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 501") || answer.hasPrefix("HTTP/1.1 400"))
  }

  @Test(arguments: [2_000, 900_000, 5_000_000])
  func clientLearnsThatItsBodyIsTooLarge(byteCount: Int) throws {
    let server = try startedServer({ $0.bodyByteCountMax = 1000 }, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let client = try client(of: server)
    let body = [UInt8](repeating: 1, count: byteCount)
    for _ in 0..<20 {
      #expect(try client.send(method: "POST", path: "/", body: body).status == 413)
    }
  }

  @Test func chunkedBodyOverTheLimitIsRefused() throws {
    let chunk = "64\r\n" + String(repeating: "a", count: 100) + "\r\n"
    let answer = try answer(
      "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk + chunk
        + "0\r\n\r\n"
    ) { $0.bodyByteCountMax = 150 }
    #expect(answer.hasPrefix("HTTP/1.1 413"))
  }

  @Test func endlessChunkedBodyIsCut() throws {
    let server = try startedServer({ $0.bodyByteCountMax = 100_000 }, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let connection = try RawConnection(port: server.port)
    connection.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    let chunk = Array(("2710\r\n" + String(repeating: "a", count: 10_000) + "\r\n").utf8)
    // Far more than the socket buffers of both sides hold.
    let sentAll = (0..<5000).allSatisfy { _ in connection.send(chunk) }
    #expect(!sentAll)
  }

  private func isTaken(_ byteCount: Int, by exchange: Exchange) -> Bool {
    let piece = [UInt8](repeating: 1, count: byteCount)
    return piece.withUnsafeBytes { if case .proceed = exchange.append($0) { true } else { false } }
  }

  /// Bodies that never end wait in memory; all together they get so much and no more.
  @Test func unfinishedBodiesShareTheirMemory() {
    let budget = BodyBudget(byteCountMax: 1_000_000)
    let exchange = {
      Exchange(rawTarget: "/", limits: HTTPServerConfiguration(), budget: budget)
    }
    var first: Exchange? = exchange()
    for _ in 0..<8 { #expect(first.map { isTaken(100_000, by: $0) } == true) }
    let second = exchange()
    #expect(isTaken(300_000, by: second))
    #expect(!isTaken(100_000, by: second))
    // Small ones are served whatever else arrives.
    #expect(isTaken(BodyBudget.freeByteCount, by: exchange()))
    first = nil
    #expect(isTaken(600_000, by: second))
  }

  @Test func tooManyHeaderBytesAreRefused() throws {
    let field = "X-Long: " + String(repeating: "a", count: 5000)
    let answer = try answer(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\(field)\r\n\r\n"
    ) { $0.headerByteCountMax = 4096 }
    #expect(answer.hasPrefix("HTTP/1.1 431"))
    let huge = String(
      repeating: "X-Long: " + String(repeating: "a", count: 1000) + "\r\n", count: 500)
    let hugeAnswer = try self.answer("GET / HTTP/1.1\r\nHost: x\r\n\(huge)\r\n")
    #expect(!hugeAnswer.contains("HTTP/1.1 200"))
  }

  @Test(arguments: [
    "/a%", "/a%2", "/a%zz", "/a%ff", "/a?b=%", "/a?b=%c3", "http://127.0.0.1/a", "*", "/a%00%",
  ])
  func brokenTargetIsRefused(target: String) throws {
    let answer = try answer("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 400"))
  }

  @Test func oneAddressGetsSoManyConnections() throws {
    let server = try startedServer({ $0.connectionsPerAddressMax = 2 }, handler: echo)
    defer { server.stop(graceSeconds: 1) }
    let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
    let served = try (0..<2).map { _ in try RawConnection(port: server.port) }
    for connection in served {
      connection.send(request)
      #expect(connection.read(through: "\r\n\r\n").hasPrefix("HTTP/1.1 200"))
    }
    let third = try RawConnection(port: server.port)
    third.send(request)
    #expect(third.readToEnd().isEmpty)
  }

  @Test func garbageIsNotServed() throws {
    let calls = Atomic(0)
    let server = try startedServer { _ in
      calls.add(1, ordering: .relaxed)
      return HTTPResponse(status: 200)
    }
    defer { server.stop(graceSeconds: 1) }
    var random = SplitMix64(seed: 7)
    for _ in 0..<20 {
      let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let connection = try RawConnection(port: server.port)
      connection.send(bytes + Array("\r\n\r\n".utf8))
    }
    #expect(calls.load(ordering: .relaxed) == 0)
    #expect(try client(of: server).send(method: "GET", path: "/").status == 200)
  }
}
