import Merge
import Signing
import SyncProtocol

extension ServerCore {
  /// The key that the pushes of a session are signed with.
  func signingKey(of token: String?) throws -> SigningPublicKey {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(token, .push)
    guard let device = try chains.accountChain(session.account)?.devices[session.device] else {
      throw ErrorCode.deviceUnknown
    }
    return device.certificate.identity
  }

  /// Writes pushes in one transaction, and gives each its result.
  ///
  /// What a push has done wrong is rolled back alone. Whatever else goes wrong, on the disk or in the
  /// database, ends the transaction, and then each is tried for itself.
  func push(together group: [PushQueue.Entry]) {
    guard group.count > 1 else { return group.forEach(push) }
    do {
      let written = try transaction { try group.map(writeOrRefuse) }
      for (entry, written) in zip(group, written) { finish(entry, written) }
    } catch {
      group.forEach(push)
    }
  }

  private func push(_ entry: PushQueue.Entry) {
    do {
      finish(entry, .success(try write(entry)))
    } catch {
      entry.result = .failure(error)
    }
  }

  private func writeOrRefuse(
    _ entry: PushQueue.Entry
  ) throws -> Result<WrittenPush, ErrorCode> {
    do {
      return .success(try write(entry))
    } catch let code as ErrorCode {
      return .failure(code)
    }
  }

  private struct WrittenPush {
    let response: PushResponse
    let writer: LogWriter
  }

  private func write(_ entry: PushQueue.Entry) throws -> WrittenPush {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(entry.token, .push)
    let space = entry.push.space
    let writer = LogWriter(core: self)
    let response = try transaction {
      let push = Push(writer: writer, space: space, session: session)
      let verdicts = try push.run(entry.push.items)
      try writer.finish()
      _ = try Compaction(core: self, space: space).step(countMax: options.compactedCountMax)
      let last = try openedState(space)?.readable(by: session.account)
      return PushResponse(verdicts: verdicts, last: last ?? .zero)
    }
    return WrittenPush(response: response, writer: writer)
  }

  /// What is left to do once the push is durable.
  private func finish(_ entry: PushQueue.Entry, _ written: Result<WrittenPush, ErrorCode>) {
    do {
      let written = try written.get()
      // What was destroyed goes from the WAL too; should that fail, the next checkpoint does it.
      if written.writer.destroysWraps { _ = try database.checkpoint() }
      try removeErased(written.writer.erased)
      entry.result = .success(written.response.encoded)
    } catch {
      entry.result = .failure(error)
    }
  }
}
