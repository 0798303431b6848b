import Merge
import SyncProtocol

extension ServerCore {
  func feed(_ request: FeedRequest, _ session: Session) throws -> FeedResponse {
    let after = Int64(clamping: request.after)
    let moved = try FeedTable(database: database).moved(after: after, for: session.account)
    var spaces: [MovedSpace] = []
    for (space, _) in moved {
      guard let state = try openedState(space), let kind = state.kind,
        let last = state.readable(by: session.account)
      else { continue }
      spaces.append(MovedSpace(space: space, kind: kind, last: last))
    }
    // A restored server may have given higher numbers once: it says where it is now.
    let last = try moved.last?.number ?? FeedTable(database: database).last(of: session.account)
    let position = UInt64(clamping: moved.isEmpty ? min(last, after) : last)
    return FeedResponse(
      position: position, moved: spaces, timeMilliseconds: now,
      news: try request.interest.map { try newsNumber($0, session.account) })
  }

  private func newsNumber(
    _ interest: FeedRequest.Interest, _ account: AccountID
  ) throws -> UInt64 {
    var chains = [ChainReference.account(account)]
    if let organisation = interest.organisation {
      chains.append(.organisation(organisation))
      chains += try self.chains.organisationChain(organisation)?.teams.map { .team($0) } ?? []
    }
    return news.number(account, chains)
  }

  /// Whether a feed's answer tells nothing that the asker does not know.
  private static func isIdle(_ response: FeedResponse, _ request: FeedRequest) -> Bool {
    response.moved.isEmpty && response.position == request.after
      && response.news == request.interest?.news
  }

  /// The answer to a request for the feed, now or later.
  func feedOrHold(_ request: Request) throws -> SyncServer.Answer {
    guard !isClosed else { throw ErrorCode.serverFault }
    let session = try authorise(request.token, .feed)
    let asked: FeedRequest = try request.message()
    let response = try feed(asked, session)
    guard let hold = asked.interest?.holdMilliseconds, hold > 0, let token = request.token,
      Self.isIdle(response, asked)
    else { return .now(.success(response.encoded)) }
    let answer = HeldAnswer(
      holdMilliseconds: hold, idleResponse: .success(response.encoded))
    heldFeeds.insert(
      HeldFeeds.Held(account: session.account, token: token, request: asked, answer: answer))
    return .held(answer)
  }

  /// Answers that have become due since the last call; to be given outside of the lock.
  func takeDueAnswers() -> [(answer: HeldAnswer, response: Response)] {
    let touched = news.takeTouched()
    if let touched, touched.isEmpty { return [] }
    return heldFeeds.all(of: touched).compactMap { held in
      guard let response = dueResponse(held) else { return nil }
      heldFeeds.remove(held)
      return (held.answer, response)
    }
  }

  private func dueResponse(_ held: HeldFeeds.Held) -> Response? {
    do {
      let session = try authorise(held.token, .feed)
      let response = try feed(held.request, session)
      return Self.isIdle(response, held.request) ? nil : .success(response.encoded)
    } catch {
      return .failure(ErrorCode(cause: error))
    }
  }

  /// Whoever is or was in a space may have something to ask for that its log does not say.
  func tellMembers(of space: SpaceID) throws {
    for account in try store.state(space).members.keys { news.tell(account) }
  }
}
