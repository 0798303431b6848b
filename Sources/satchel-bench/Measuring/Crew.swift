import Foundation

/// Threads of their own for work that waits: a queue would start only as many as there are cores.
enum Crew {
  /// Runs the work with each number below the count, all at once, and waits for the last.
  static func work(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let done = DispatchGroup()
    for number in 0..<count {
      done.enter()
      let thread = Thread {
        body(number)
        done.leave()
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
    done.wait()
  }
}
