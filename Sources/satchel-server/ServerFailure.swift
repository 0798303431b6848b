import Foundation
import HTTP
import SyncServer
import Terminal

/// What an operator reads when the server does not start.
enum ServerFailure {
  static func failure(_ error: any Error) -> Failure? {
    switch error {
    case let error as ServerError: failure(error)
    case let error as HTTPServerError: failure(error)
    default: nil
    }
  }

  private static func failure(_ error: ServerError) -> Failure {
    switch error {
    case .alreadyInitialised:
      Failure("\(error)", hint: "serve it with: satchel-server serve", exitCode: .refused)
    case .notInitialised:
      Failure("\(error)", hint: "make one with: satchel-server init")
    case .inUse:
      Failure("\(error)", hint: "stop it first, or give another --data")
    case .keysDamaged:
      Failure(
        "\(error)", hint: "restore server.keys from a backup; without it nobody trusts the server")
    case .newerDatabase:
      Failure("\(error)", hint: "serve it with that version, or a newer one")
    case .system(let code):
      Failure("the data directory cannot be used: \(String(cString: strerror(code)))")
    }
  }

  private static func failure(_ error: HTTPServerError) -> Failure {
    switch error {
    case .addressInvalid: .usage("--listen takes a numeric address and a port: 127.0.0.1:8080")
    case .addressNotAvailable: Failure("the address is not one of this machine")
    case .addressInUse: Failure("the address is in use", hint: "give another --listen")
    case .addressNotPermitted: Failure("the port needs rights that this process does not have")
    case .certificateRefused:
      Failure("the certificate or its key cannot be read, or they do not belong together")
    case .alreadyStarted: Failure("the server was started already")
    case .systemFailure(let code):
      Failure("the server cannot listen: \(String(cString: strerror(code)))")
    }
  }
}
