import Foundation
import Testing

@testable import Terminal

/// Signals are of the whole process, so these take turns.
@Suite(.serialized) struct TerminationSignalTests {
  private func handler(of number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return action.__sigaction_handler.sa_handler != nil
  }

  @Test(arguments: [SIGTERM, SIGINT])
  func signalEndsTheWait(number: Int32) {
    TerminationSignal.prepare()
    defer { TerminationSignal.reset() }
    #expect(!TerminationSignal.hasCome)
    #expect(!TerminationSignal.wait(timeoutSeconds: 0.05))
    kill(getpid(), number)
    #expect(TerminationSignal.wait(timeoutSeconds: 10))
    #expect(TerminationSignal.hasCome)
    TerminationSignal.wait()
  }

  @Test func signalEndsAWaitThatIsUnderWay() {
    TerminationSignal.prepare()
    defer { TerminationSignal.reset() }
    Thread.detachNewThread {
      usleep(50_000)
      kill(getpid(), SIGTERM)
    }
    TerminationSignal.wait()
    #expect(TerminationSignal.hasCome)
  }

  @Test func secondSignalEndsTheProcess() {
    TerminationSignal.prepare()
    defer { TerminationSignal.reset() }
    #expect(handler(of: SIGTERM))
    kill(getpid(), SIGTERM)
    #expect(TerminationSignal.wait(timeoutSeconds: 10))
    #expect(!handler(of: SIGTERM))
  }
}
