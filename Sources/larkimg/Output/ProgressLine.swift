import FoundationEssentials
import Glibc
import ImageFetch
import LarkAPI

/// The progress of a run, on the last line of a terminal.
struct ProgressLine {
    private let start: Date
    private let now: @Sendable () -> Date

    /// Whether stderr is a terminal.
    static var isPossible: Bool {
        isatty(2) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    }

    init(now: @escaping @Sendable () -> Date) {
        self.now = now
        start = now()
    }

    /// Shows the progress, replacing the previous line.
    func show(_ progress: BulkProgress) {
        Terminal.showStatus(Self.text(progress, seconds: now().timeIntervalSince(start), columns: Self.columns))
    }

    /// Removes the line.
    func clear() { Terminal.showStatus("") }

    /// The line, truncated to the width of the terminal.
    static func text(_ progress: BulkProgress, seconds: Double, columns: Int) -> String {
        let done = progress.downloaded + progress.existing + progress.planned
        var parts = ["\(done) done"]
        if progress.failed > 0 { parts.append("\(progress.failed) failed") }
        let left = progress.queued + progress.active + progress.storing
        if left > 0 { parts.append("\(left)\(progress.isListRead ? "" : "+") left") }
        if progress.held > 0 { parts.append("\(progress.held) waiting") }
        parts.append(ByteCount.text(progress.bytes))
        let requests = progress.downloaded + progress.failed
        if requests > 0, seconds >= 1 {
            let rate = Double(requests) / seconds
            let tenths = Int((rate * 10).rounded())
            parts.append("\(tenths / 10).\(tenths % 10)/s")
            if progress.isListRead, left > 0 {
                parts.append("\(TimeSpan.text(seconds: Double(left) / rate)) to go")
            }
        }
        return String(parts.joined(separator: ", ").prefix(max(columns - 1, 10)))
    }

    private static var columns: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}
