import CLinux
import Foundation
import Sealing
import Signing
import Terminal

/// Keeps a home's password key in locked memory for a while, so that commands need no password.
///
/// A process of its own: it gets the key through a pipe, serves it over a socket that only the same
/// user can reach, and ends after its time, at `satchel lock`, or with the machine.
enum Agent {
  /// What the process is called with.
  static let word = "agent-serve"

  /// Starts the process, and returns once it answers.
  static func start(home: String, key: UnsafeRawBufferPointer, milliseconds: Int64) throws {
    AgentClient.stop(home: home)
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure("cannot start the agent") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    let status = spawn(home: home, input: ends[0], milliseconds: milliseconds)
    let written = status == 0 ? write(ends[1], key.baseAddress, key.count) : 0
    close(ends[1])
    guard written == key.count else { throw Failure("cannot start the agent") }
    for _ in 0..<200 {
      if AgentClient.passwordKey(home: home) != nil { return }
      usleep(10_000)
    }
    throw Failure("the agent does not answer")
  }

  private static func spawn(home: String, input: Int32, milliseconds: Int64) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A session of its own: it outlives the terminal.
    posix_spawnattr_setflags(&attributes, satchel_spawn_new_session)
    let words = ["satchel", word, home, String(milliseconds)]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    return posix_spawn(&process, "/proc/self/exe", &actions, &attributes, &arguments, environ)
  }

  /// The agent's process: its word, the home, the milliseconds.
  ///
  /// - Returns: the exit code.
  static func run(_ arguments: [String]) -> Int32 {
    guard arguments.count == 3, let milliseconds = Int64(arguments[2]) else { return 2 }
    do {
      try serve(home: arguments[1], milliseconds: milliseconds)
      return 0
    } catch {
      return 1
    }
  }

  /// Runs as the agent until its time is over or it is told to stop.
  static func serve(home: String, milliseconds: Int64) throws {
    // Whatever was open around `unlock` must not stay open for hours: a reader at the other end of
    // an inherited pipe would wait for its end.
    for descriptor in Int32(3)..<1024 { close(descriptor) }
    var key = SecretBytes(count: 32)
    let isWhole = key.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) == $0.count }
    guard isWhole, let socket = AgentSocket(home: home), let listener = socket.listen() else {
      throw Failure("cannot serve as the agent")
    }
    defer {
      socket.remove()
      socket.close()
    }
    let deadline = monotonicMilliseconds + milliseconds
    while true {
      let left = deadline - monotonicMilliseconds
      if left <= 0 { return }
      var watched = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
      guard poll(&watched, 1, Int32(min(left, 60_000))) > 0 else { continue }
      let connection = accept(listener, nil, nil)
      if connection < 0 { continue }
      let wish = answer(connection, key)
      if wish == .stop {
        key.wipe()
        close(connection)
        return
      }
      close(connection)
    }
  }

  private static func answer(
    _ connection: Int32, _ key: borrowing SecretBytes
  ) -> AgentClient.Wish? {
    var timeout = timeval(tv_sec: 1, tv_usec: 0)
    setsockopt(
      connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    var byte: UInt8 = 0
    guard AgentSocket.isOwnUser(connection), read(connection, &byte, 1) == 1,
      let wish = AgentClient.Wish(rawValue: byte)
    else { return nil }
    if wish == .key {
      _ = key.withUnsafeBytes { write(connection, $0.baseAddress, $0.count) }
    }
    return wish
  }

  /// Counts on while the machine sleeps, and cannot be set back.
  private static var monotonicMilliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
