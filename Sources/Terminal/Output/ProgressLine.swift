import Foundation
import Synchronization

/// One line on a terminal that says how far long work is. Nothing when standard error is piped.
///
/// Safe from several threads. (`Progress` is Foundation's.)
public final class ProgressLine: Sendable {
  private struct State {
    var lastShown: UInt64?
    var isShowing = false
  }

  /// Often enough to look alive, seldom enough to cost nothing.
  static let intervalNanoseconds: UInt64 = 100_000_000

  private let label: String
  private let unit: Unit
  private let isEnabled: Bool
  private let now: @Sendable () -> UInt64
  private let write: @Sendable (String) -> Void
  private let state = Mutex(State())

  public enum Unit: Sendable {
    case items, bytes
  }

  /// - Parameter isQuiet: shows nothing, also on a terminal.
  public convenience init(_ label: String, unit: Unit = .items, isQuiet: Bool = false) {
    self.init(
      label, unit: unit, isEnabled: !isQuiet && isatty(2) == 1,
      now: { DispatchTime.now().uptimeNanoseconds },
      write: { Output.standard.writeError($0) })
  }

  init(
    _ label: String, unit: Unit, isEnabled: Bool, now: @escaping @Sendable () -> UInt64,
    write: @escaping @Sendable (String) -> Void
  ) {
    self.label = Text.truncated(Text.printable(label), width: 40)
    self.unit = unit
    self.isEnabled = isEnabled
    self.now = now
    self.write = write
  }

  /// Shows how much is done, at most ten times a second.
  public func update(_ done: UInt64, of total: UInt64? = nil) {
    guard isEnabled else { return }
    state.withLock { state in
      let now = now()
      if let last = state.lastShown, now &- last < ProgressLine.intervalNanoseconds { return }
      state.lastShown = now
      state.isShowing = true
      write("\r\u{1b}[K\(label): \(amount(done, of: total))")
    }
  }

  /// Clears the line. What came of the work is for the command to say.
  public func finish() {
    state.withLock { state in
      guard state.isShowing else { return }
      state.isShowing = false
      write("\r\u{1b}[K")
    }
  }

  private func amount(_ done: UInt64, of total: UInt64?) -> String {
    func text(_ value: UInt64) -> String {
      unit == .bytes ? ByteSize.text(value) : String(value)
    }
    guard let total, total > 0 else { return text(done) }
    let percent = Int(min(1, Double(done) / Double(total)) * 100)
    return "\(text(done)) of \(text(total)) (\(percent) %)"
  }
}
