import Foundation
import Merge
import Signing
import SyncProtocol
import TestSupport
import Testing

@testable import SyncServer

/// Requests from several threads at once: run these under the thread sanitizer.
@Suite struct ConcurrencyTests {
  /// Runs a body on threads of its own and waits for all of them.
  private func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let group = DispatchGroup()
    for index in 0..<count {
      group.enter()
      Thread {
        body(index)
        group.leave()
      }.start()
    }
    group.wait()
  }

  private func blobRequests(_ device: TestDevice, _ blobs: [[UInt8]]) -> [Request] {
    blobs.map { blob in
      let hash = Hasher256.content(blob).hex
      return Request(
        .put, Path.blob(space: device.vault.hex, hash: hash), token: device.token, body: blob)
    }
  }

  @Test func storesTheSameBlobsFromManyThreads() throws {
    let folder = try TemporaryFolder()
    let world = try World(directory: folder.path + "/data")
    let device = try world.join(world.invitation)
    let blobs = (0..<8).map { _ in world.time.bytes(3000) }
    let puts = blobRequests(device, blobs)
    let server = world.server
    let failures = Guarded(0)
    onThreads(6) { _ in
      for put in puts where server.handle(put) != .success([]) {
        failures.withLock { $0 += 1 }
      }
      for (put, blob) in zip(puts, blobs) {
        let get = Request(.get, put.path, token: put.token)
        if server.handle(get) != .success(blob) { failures.withLock { $0 += 1 } }
      }
    }
    #expect(failures.withLock { $0 } == 0)
    #expect(server.inspect { $0.incomingBlobs }.isEmpty)
    #expect(try server.inspect { try $0.blobs.names() }.count == blobs.count)
  }

  @Test func takesPushesPullsAndGarbageAtOnce() throws {
    let clinic = try Clinic()
    let casework = try clinic.openCasework()
    let devices = [clinic.client, clinic.practitioner]
    let pushes = try devices.map { device in
      try (0..<10).map { _ in
        let segment = try device.segment(casework.space, [[clinic.newTicket(casework)]])
        return Request(
          .post, Path.push, token: device.token,
          body: PushRequest(space: casework.space, items: [.segment(segment)]).encoded)
      }
    }
    let pull = Request(
      .post, Path.pull, token: clinic.client.token,
      body: PullRequest(
        space: casework.space, incarnation: 0, after: .zero, byteCountMax: 1 << 20
      ).encoded)
    let server = clinic.world.server
    let accepted = Guarded(0)
    onThreads(4) { index in
      switch index {
      case 0, 1:
        for push in pushes[index] {
          guard case .success(let body) = server.handle(push),
            let verdict = Self.firstVerdict(body), case .accepted = verdict
          else { continue }
          accepted.withLock { $0 += 1 }
        }
      case 2: for _ in 0..<20 { _ = server.handle(pull) }
      default:
        for _ in 0..<5 {
          do { try server.collectGarbage() } catch { Issue.record("garbage: \(error)") }
        }
      }
    }
    #expect(accepted.withLock { $0 } == 20)
    let reader = try TestReader(clinic.client)
    try reader.pull(casework.space)
    let numbers = try reader.store.database.rows("SELECT number FROM ticket ORDER BY number") {
      $0.integer(0)
    }
    #expect(numbers == Array(1...20))
  }

  private static func firstVerdict(_ body: [UInt8]) -> PushVerdict? {
    do { return try PushResponse(decoding: body).verdicts.first } catch { return nil }
  }
}
