import Synchronization
import Testing

@testable import Terminal

@Suite struct ProgressLineTests {
  private final class Screen: Sendable {
    let text = Mutex("")
    let clock = Mutex<UInt64>(0)

    func progress(_ unit: ProgressLine.Unit = .items, isEnabled: Bool = true) -> ProgressLine {
      ProgressLine(
        "up\u{7}load", unit: unit, isEnabled: isEnabled, now: { self.clock.withLock { $0 } },
        write: { text in self.text.withLock { $0 += text } })
    }

    var shown: String { text.withLock { $0 } }
    func advance(milliseconds: UInt64) { clock.withLock { $0 += milliseconds * 1_000_000 } }
  }

  @Test func showsAtMostTenTimesASecond() {
    let screen = Screen()
    let progress = screen.progress()
    for done in 0..<1000 {
      progress.update(UInt64(done), of: 1000)
      screen.advance(milliseconds: 1)
    }
    #expect(screen.shown.count { $0 == "\r" } == 10)
    #expect(screen.shown.hasPrefix("\r\u{1b}[Kup\\u{7}load: 0 of 1000 (0 %)"))
  }

  @Test func finishClearsTheLineOnce() {
    let screen = Screen()
    let progress = screen.progress(.bytes)
    progress.finish()
    #expect(screen.shown.isEmpty)
    progress.update(1536, of: 2048)
    progress.finish()
    progress.finish()
    #expect(screen.shown == "\r\u{1b}[Kup\\u{7}load: 1.5 KiB of 2.0 KiB (75 %)\r\u{1b}[K")
  }

  @Test func nothingWhenDisabled() {
    let screen = Screen()
    let progress = screen.progress(isEnabled: false)
    progress.update(1)
    progress.finish()
    #expect(screen.shown.isEmpty)
  }

  @Test func totalMayBeUnknownOrPassed() {
    let screen = Screen()
    let progress = screen.progress()
    progress.update(7)
    screen.advance(milliseconds: 200)
    progress.update(9, of: 3)
    #expect(screen.shown.contains("load: 7\r"))
    #expect(screen.shown.hasSuffix("9 of 3 (100 %)"))
  }
}
