import Database
import Foundation
import Merge
import Schemas
import Signing
import SyncProtocol

/// The server: accepts, merges what it may see, and keeps what it cannot open.
///
/// Synchronous and thread-safe: requests that touch the database run one after another, pushes that
/// come meanwhile in one transaction; blobs are hashed, written and read beside them.
public final class SyncServer: Sendable {
  private let core: Guarded<ServerCore>
  private let pushes = PushQueue()
  private let blobs: any BlobStorage
  private let lock: DirectoryLock?
  /// `nil` in memory.
  let databasePath: String?
  public let certificate: ServerCertificate

  init(
    database: sending SQLiteDatabase, blobs: any BlobStorage, keys: ServerKeys,
    environment: Environment, options: Options, schema: SchemaFiles = BuiltInSchema.loaded,
    lock: DirectoryLock? = nil, databasePath: String? = nil
  ) throws {
    certificate = keys.certificate
    self.blobs = blobs
    self.lock = lock
    self.databasePath = databasePath
    core = Guarded(
      try ServerCore(
        database: database, blobs: blobs, keys: keys, environment: environment, options: options,
        schema: schema))
  }

  /// What comes of a request.
  public enum Answer: Sendable {
    case now(Response)
    /// There is nothing to tell yet, and the request says that it waits.
    case held(HeldAnswer)
  }

  /// Answers one request, now or, where it asks for that, when there is something to tell. Whatever it
  /// holds, the answer is a response.
  public func answer(_ request: Request) -> Answer {
    guard request.method == .post, request.path == Path.feed else { return .now(handle(request)) }
    do {
      guard request.body.count <= Request.bodyByteCountMax else { throw ErrorCode.tooLarge }
      return try withCoreThenTell { try $0.feedOrHold(request) }
    } catch {
      return .now(.failure(ErrorCode(cause: error)))
    }
  }

  /// Answers one request at once, also one that would wait.
  public func handle(_ request: Request) -> Response {
    do {
      guard request.body.count <= Request.bodyByteCountMax else { throw ErrorCode.tooLarge }
      let endpoint = try Endpoint(request.method, request.path)
      switch endpoint {
      case .blobPut(let name): return .success(try putBlob(request, name))
      case .push: return .success(try push(request))
      case .blobsPut: return .success(try putBlobs(request))
      case .blobsFetch: return .success(try fetchBlobs(request))
      case .blobGet, .shareBlob: return .success(try getBlob(request, endpoint))
      default: return .success(try withCoreThenTell { try $0.answer(request, endpoint) })
      }
    } catch {
      return .failure(ErrorCode(cause: error))
    }
  }

  private func push(_ request: Request) throws -> [UInt8] {
    try pushes.handle(request) {
      try core.withLock { try $0.signingKey(of: request.token) }
    } write: { group in
      withCoreThenTell { $0.push(together: group) }
    }
  }

  private func putBlob(_ request: Request, _ name: BlobName) throws -> [UInt8] {
    guard try core.withLock({ try $0.beginBlobPut(request, name) }) else { return [] }
    let byteCount = request.body.count
    do {
      guard Hasher256.content(request.body) == name.hash else { throw ErrorCode.blobAltered }
      try blobs.store(request.body, name)
    } catch {
      try core.withLock { try $0.endBlobPut(name, byteCount: byteCount, isStored: false) }
      throw error
    }
    try core.withLock { try $0.endBlobPut(name, byteCount: byteCount, isStored: true) }
    return []
  }

  private func getBlob(_ request: Request, _ endpoint: Endpoint) throws -> [UInt8] {
    let name = try core.withLock { try $0.blobName(request, endpoint) }
    guard let bytes = try blobs.bytes(name) else { throw ErrorCode.blobMissing }
    return bytes
  }

  /// Small blobs, all or none: hashed and written outside of the lock, durable before they count.
  private func putBlobs(_ request: Request) throws -> [UInt8] {
    // Nobody's bytes are hashed without a session.
    try core.withLock { try $0.authoriseBlobs(request, .blobsPut) }
    let message: BlobsPutRequest = try request.message()
    let blobs = message.blobs.map {
      StoredBlob(name: BlobName(space: message.space, hash: $0.hash), bytes: $0.bytes)
    }
    for blob in blobs where Hasher256.content(blob.bytes) != blob.name.hash {
      throw ErrorCode.blobAltered
    }
    let wanted = try core.withLock { try $0.beginBlobsPut(request, message.space, blobs) }
    guard !wanted.isEmpty else { return [] }
    do {
      try self.blobs.store(wanted)
    } catch {
      try core.withLock { try $0.endBlobsPut(wanted, areStored: false) }
      throw error
    }
    try core.withLock { try $0.endBlobsPut(wanted, areStored: true) }
    return []
  }

  private func fetchBlobs(_ request: Request) throws -> [UInt8] {
    // Nobody's message is read without a session.
    try core.withLock { try $0.authoriseBlobs(request, .blobsFetch) }
    let message: BlobsFetchRequest = try request.message()
    let names = try core.withLock { try $0.blobNames(request, message) }
    return BlobsFetchResponse(
      blobs: try names.map { try $0.flatMap { try blobs.bytes($0) } }
    ).encoded
  }

  func inviteFirstAdministrator() throws -> Invitation {
    try core.withLock { try $0.inviteFirstAdministrator() }
  }

  /// Called before and after each outermost commit, so that a test can crash there.
  package func onTransactionBoundary(_ body: (@Sendable (TransactionEvent) throws -> Void)?) {
    core.withLock { $0.database.onTransactionBoundary = body }
  }

  /// Removes what no accepted entry names for longer than a day. Now and then; never urgent.
  public func collectGarbage() throws { try core.withLock { try $0.collectGarbage() } }

  /// Ends emergencies that have run out, and notes how late it is while one is open. Often: a clock that
  /// is set back between two calls is not noticed.
  public func watchEmergencies() throws {
    try core.withLock { core in
      try core.transaction { try EmergencyTable(core: core).sweep() }
    }
  }

  /// Drops the values that every live replica has seen overwritten or deleted, and keeps their hashes.
  ///
  /// - Returns: how many commits became stubs.
  @discardableResult
  public func compact() throws -> Int { try core.withLock { try $0.compact() } }

  /// Ends the server: later requests fail. What was answered is durable already.
  public func close() throws {
    try core.withLock { try $0.close() }
  }

  /// The incarnation that this server began at its start, because its data directory was not as it had
  /// left it: a copy, an older state, or without ``ContinuityMark``. `nil` where it goes on.
  public var incarnationOfCopy: UInt64? { core.withLock { $0.incarnationOfCopy } }

  /// What a restored server knows that it has lost, and nobody has handed back yet.
  public func lostRanges() throws -> [LostRange] { try core.withLock { try $0.lostRanges() } }
}

extension SyncServer {
  /// Gives those an answer who have waited for what was done.
  private func withCoreThenTell<Value, Failure: Error>(
    _ body: (ServerCore) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let (result, due) = core.withLock { core in
      let result = Result { () throws(Failure) in try body(core) }
      return (result, core.takeDueAnswers())
    }
    for (answer, response) in due { answer.give(response) }
    return try result.get()
  }

  func withCore<Result>(_ body: (ServerCore) throws -> Result) rethrows -> Result {
    try core.withLock { try body($0) }
  }

  /// Looks into the server, for tests.
  func inspect<Result>(_ body: (ServerCore) throws -> Result) rethrows -> Result {
    try withCore(body)
  }
}
