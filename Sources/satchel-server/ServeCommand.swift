import Foundation
import HTTP
import SyncProtocol
import SyncServer
import Terminal

/// `satchel-server serve`: answers until it is told to stop.
enum ServeCommand {
  static let command = Command(
    name: ["serve"],
    summary: "Serve until SIGTERM or Ctrl-C, then finish what is under way.",
    options: [
      DataDirectory.option,
      .value("listen", "ADDRESS:PORT", help: "default 127.0.0.1:8080; port 0 takes a free one"),
      .value("tls-cert", "FILE", help: "the certificate chain, PEM"),
      .value("tls-key", "FILE", help: "the certificate's key, PEM, not encrypted"),
      .value(
        "settle-hours", "N",
        help: "how long chains wait for devices after a restore; default 168"),
      .value("port-file", "FILE", help: "write the port here once it is served"),
    ],
    run: run)

  /// How long requests that are under way may take after the signal.
  private static let graceSeconds = 10.0
  private static let connectionsMax = 10_000
  /// Database, blobs, listening socket and the like.
  private static let ownFileCount = 100
  private static let watchSeconds = 60.0
  /// An hour.
  private static let roundsOfCollection = 60

  private static func run(_ invocation: Invocation) throws {
    let address = try ListenAddress(invocation.option("listen") ?? "127.0.0.1:8080")
    let configuration = try configuration(invocation, address)
    var options = SyncServer.Options()
    options.noticesCopies = true
    if let hours = try invocation.integer("settle-hours", in: 0...8760) {
      options.settlingMilliseconds = UInt64(hours) * 60 * 60 * 1000
    }
    let server = try SyncServer(
      directory: DataDirectory.path(invocation), environment: .operatingSystem, options: options)
    let http = HTTPServer(configuration, replying: { HTTPAnswer.reply(to: $0, of: server) })
    try http.start()
    let output = Output.standard
    if configuration.tls == nil && !address.isLoopback {
      output.warning("without TLS anybody on the way can read sessions and open fields")
    }
    if let file = invocation.option("port-file") { try write(http.port, to: file) }
    output.line("listening on \(http.address)")
    tellCopy(server, output)
    try tellLosses(server, output)
    serve(server, output)
    http.stop(graceSeconds: graceSeconds)
    try server.close()
    output.note("stopped")
  }

  /// That the server does not go on where it was left: whoever operates it may not know.
  private static func tellCopy(_ server: SyncServer, _ output: Output) {
    guard let incarnation = server.incarnationOfCopy else { return }
    output.warning(
      "the data directory is not as this server left it: it is a copy, or was set back. All logs go "
        + "on as incarnation \(incarnation), and devices hand back what is missing; what is shared "
        + "waits until a device of its client has been here")
    output.warning("never let this copy and the one that it was made from serve at the same time")
  }

  /// What a restored server knows to be missing, until somebody hands it back.
  private static func tellLosses(_ server: SyncServer, _ output: Output) throws {
    for lost in try server.lostRanges() {
      output.warning(
        "space \(lost.space.hex): entries \(lost.first.rawValue) to \(lost.last.rawValue) of "
          + "incarnation \(lost.incarnation) were lost and have not come back")
    }
  }

  /// Until the signal; emergencies are watched and rubbish is collected in between.
  private static func serve(_ server: SyncServer, _ output: Output) {
    var roundCount = 0
    while !TerminationSignal.wait(timeoutSeconds: watchSeconds) {
      roundCount += 1
      do { try server.watchEmergencies() } catch {
        output.warning("emergencies that are over could not be ended: \(error)")
      }
      guard roundCount % roundsOfCollection == 0 else { continue }
      do { try server.collectGarbage() } catch {
        output.warning("what nothing names could not be collected: \(error)")
      }
    }
  }

  private static func configuration(
    _ invocation: Invocation, _ address: ListenAddress
  ) throws(Failure) -> HTTPServerConfiguration {
    var configuration = HTTPServerConfiguration()
    configuration.host = address.host
    configuration.port = address.port
    configuration.bodyByteCountMax = Request.bodyByteCountMax
    // Devices that wait for their feed keep a connection each.
    configuration.connectionsMax = min(connectionsMax, OpenFiles.raiseLimit() - ownFileCount)
    switch (invocation.option("tls-cert"), invocation.option("tls-key")) {
    case (nil, nil): break
    case (let certificate?, let key?):
      configuration.tls = .init(
        certificatePEM: try text(of: certificate), keyPEM: try text(of: key))
    default: throw Failure.usage("--tls-cert and --tls-key belong together")
    }
    return configuration
  }

  private static func text(of file: String) throws(Failure) -> String {
    do {
      return try String(contentsOfFile: file, encoding: .utf8)
    } catch {
      throw Failure("the file \(file) cannot be read")
    }
  }

  /// Whole or not at all: whoever waits for the file reads a port.
  private static func write(_ port: UInt16, to file: String) throws(Failure) {
    do {
      try Data("\(port)\n".utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
    } catch {
      throw Failure("the file \(file) cannot be written")
    }
  }
}
