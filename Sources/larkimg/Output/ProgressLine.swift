import FoundationEssentials
import Glibc
import ImageFetch
import LarkAPI

/// The progress of a run, on the last line of a terminal.
struct ProgressLine {
    private let start = Clocks.system.instant()

    /// Whether stderr is a terminal.
    static var isPossible: Bool {
        isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    /// Shows the progress, replacing the previous line.
    func show(_ progress: BulkProgress) {
        Terminal.showStatus(
            Self.text(progress, seconds: (Clocks.system.instant() - start) / .seconds(1), columns: Terminal.columns))
    }

    /// Removes the line.
    func clear() { Terminal.showStatus("") }

    /// The line, truncated to the width of the terminal: what matters most comes first.
    static func text(_ progress: BulkProgress, seconds: Double, columns: Int) -> String {
        let done = progress.downloaded + progress.existing + progress.planned
        var parts = ["\(done) done"]
        if progress.failed > 0 { parts.append("\(progress.failed) failed") }
        let left = progress.queued + progress.active + progress.storing
        if left > 0 { parts.append("\(left)\(progress.isListRead ? "" : "+") left") }
        if let wait = progress.permitWait, wait >= .seconds(1) {
            parts.append("waiting for the quota, \(TimeSpan.text(seconds: (wait / .seconds(1)).rounded(.up)))")
        } else if progress.held > 0 {
            parts.append("\(progress.held) waiting")
        }
        let requests = progress.downloaded + progress.failed
        if requests > 0, seconds >= 1 {
            let rate = Double(requests) / seconds
            if progress.isListRead, left > 0 {
                let quotaTime = (progress.timeLeft ?? .zero) / .seconds(1)
                parts.append("\(TimeSpan.text(seconds: max(Double(left) / rate, quotaTime))) to go")
            }
            let tenths = Int((rate * 10).rounded())
            parts.append("\(tenths / 10).\(tenths % 10)/s")
        }
        parts.append(ByteCount.text(progress.bytes))
        return String(parts.joined(separator: ", ").prefix(max(columns - 1, 10)))
    }
}
