/// What a handler gives back: a response, or a promise of one.
public enum HTTPReply: Sendable {
  case now(HTTPResponse)
  /// The connection waits without a thread until the held response is completed.
  case held(HTTPHeldResponse)
}
