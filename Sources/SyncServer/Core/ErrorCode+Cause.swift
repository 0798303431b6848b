import Database
import Foundation
import SyncProtocol

extension ErrorCode {
  /// What a peer may know of an error. Everything unforeseen is the server's own fault.
  init(cause: any Error) {
    switch cause {
    case let code as ErrorCode: self = code
    case let error as ChainError: self = Self.chain(error)
    case let error as SQLError: self = error.category == .full ? .storageFull : .serverFault
    case .system(let code) as ServerError:
      self = code == ENOSPC || code == EDQUOT ? .storageFull : .serverFault
    default: self = .serverFault
    }
  }

  private static func chain(_ error: ChainError) -> ErrorCode {
    switch error {
    // Whoever is there already was put there by a statement that the author has not seen.
    case .superseded, .exists: .chainSuperseded
    case .badSignature: .badSignature
    case .notAllowed: .notAllowed
    case .unexpected, .recipientsWrong: .malformed
    }
  }
}

extension Request {
  /// The body as a message; what it says is hostile until it is checked.
  func message<Message: WireCodable>(_ type: Message.Type = Message.self) throws(ErrorCode)
    -> Message
  {
    do throws(WireError) {
      return try Message(decoding: body)
    } catch {
      switch error {
      case .tooLarge: throw .tooLarge
      case .encoding, .unexpected, .unknownSuite: throw .malformed
      }
    }
  }
}
