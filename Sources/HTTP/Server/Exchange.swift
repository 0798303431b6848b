import CMicroHTTPD

/// One request while it arrives and its response until it is queued.
///
/// Not Sendable: only the library's thread for its connection touches it.
final class Exchange {
  enum Step {
    case proceed
    /// The library closes the connection without an answer.
    case cut
    case answer(HTTPResponse, closing: Bool)
  }

  private let rawTarget: String
  private var target: RequestTarget?
  private(set) var isStarted = false
  private var headers = HTTPHeaders()
  private var body: [UInt8] = []
  private var discardedByteCount = 0
  private var isTooLarge = false
  private let limits: HTTPServerConfiguration
  private let budget: BodyBudget
  /// What the body has taken of the budget.
  private var takenByteCount = 0
  var held: HTTPHeldResponse?

  init(rawTarget: String, limits: HTTPServerConfiguration, budget: BodyBudget) {
    self.rawTarget = rawTarget
    self.limits = limits
    self.budget = budget
  }

  deinit { budget.giveBack(takenByteCount) }

  /// Judges the header section, before a byte of the body is read.
  func start(_ headers: HTTPHeaders, isStopping: Bool) -> Step {
    isStarted = true
    self.headers = headers
    if isStopping { return .answer(HTTPResponse(status: 503), closing: true) }
    let headerByteCount = headers.fields.reduce(rawTarget.utf8.count) {
      $0 + $1.name.utf8.count + $1.value.utf8.count + 4
    }
    if headerByteCount > limits.headerByteCountMax { return .refuse(431) }
    target = RequestTarget(rawTarget)
    guard target != nil else { return .refuse(400) }
    return framing()
  }

  /// Checks how the body's end is told (RFC 9112 §6): two ways at once, or one way twice, is how
  /// requests are smuggled past a proxy, so it is refused.
  private func framing() -> Step {
    let lengths = headers.values("Content-Length")
    let codings = headers.values("Transfer-Encoding")
    if lengths.count > 1 || codings.count > 1 || (!lengths.isEmpty && !codings.isEmpty) {
      return .refuse(400)
    }
    if let coding = codings.first {
      return HTTPHeaders.namesMatch(coding, "chunked") ? .proceed : .refuse(501)
    }
    guard let length = lengths.first else { return .proceed }
    guard !length.isEmpty, length.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return .refuse(400)
    }
    // Digits beyond UInt64 are a length beyond any limit.
    guard let byteCount = UInt64(length), byteCount <= UInt64(limits.bodyByteCountMax) else {
      return .refuse(413)
    }
    return .proceed
  }

  /// Takes a piece of the body. Memory grows with what has arrived, never with what is announced.
  func append(_ piece: UnsafeRawBufferPointer) -> Step {
    if !isTooLarge, piece.count <= limits.bodyByteCountMax - body.count {
      let counted = max(0, body.count + piece.count - BodyBudget.freeByteCount) - takenByteCount
      guard counted <= 0 || budget.take(counted) else { return .cut }
      takenByteCount += max(0, counted)
      body.append(contentsOf: piece)
      return .proceed
    }
    // The library takes no answer while a body arrives. So what is over the limit is read and
    // dropped for as much again, for the 413 to reach an honest client; then the connection is cut.
    isTooLarge = true
    body = []
    discardedByteCount += piece.count
    return discardedByteCount <= limits.bodyByteCountMax ? .proceed : .cut
  }

  /// The whole request, or the refusal of one.
  func finish(method: String, clientAddress: String) -> Result<HTTPRequest, Refusal> {
    guard !isTooLarge else { return .failure(Refusal(status: 413)) }
    guard let target else { return .failure(Refusal(status: 400)) }
    let body = self.body
    self.body = []
    return .success(
      HTTPRequest(
        method: method, path: target.path, query: target.query, headers: headers, body: body,
        clientAddress: clientAddress))
  }

  struct Refusal: Error {
    let status: Int
  }
}

extension Exchange.Step {
  /// The body is not read, so the connection cannot serve another request.
  fileprivate static func refuse(_ status: Int) -> Exchange.Step {
    .answer(HTTPResponse(status: status), closing: true)
  }
}
