import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import Synchronization
import SystemPackage

/// Writing to stdout failed: the result did not arrive.
struct OutputError: ReportableError {
    let reason: Errno
    let reportType = "write_failed"
    let remedy: Remedy? = nil
    let isRetryable = false

    var description: String { "the result cannot be written to stdout: \(reason.description.lowercased())" }

    /// The reader has closed the pipe on purpose, so a message is of no use.
    var isClosedPipe: Bool { reason == .brokenPipe }
}

/// The two streams of the command. Every write to stdout is checked: `print` to a full disk succeeds in silence.
///
/// No lock is held during a write: a reader that has stopped must not stop a task that only wants to change the
/// status line, and above all not the one that handles Ctrl-C.
enum Terminal {
    private struct Status {
        var text = ""
        /// How many characters of it are on the screen.
        var drawn = 0
    }

    /// The line at the bottom of the terminal: it is removed for each write, and restored below it.
    private static let status = Mutex(Status())

    private static let dropsUnread = Mutex(false)

    /// From now on messages that stderr does not take within a moment are dropped: a service must not stop for them.
    static func dropUnreadDiagnostics() { dropsUnread.withLock { $0 = true } }

    /// The width of the terminal that a descriptor is, by `COLUMNS` or as the terminal says; 80 for anything else.
    static func columns(of descriptor: Int32) -> Int {
        if let columns = ProcessInfo.processInfo.environment["COLUMNS"].flatMap({ Int($0) }), columns > 0 {
            return columns
        }
        var size = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes a result. Blocks while stdout takes nothing.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ text: String) throws {
        do {
            try FileDescriptor.standardOutput.writeAll(text.utf8)
        } catch let error as Errno {
            throw OutputError(reason: error)
        }
    }

    /// Writes one result of many, above the status line. While stdout takes nothing, no thread is held, and the task
    /// can be cancelled.
    ///
    /// - Throws: ``OutputError``; `CancellationError`, after which part of the text may be written.
    static func stream(_ text: String) async throws {
        let isShared = isatty(1) == 1
        if isShared { redraw(as: "") }
        do {
            try await writeWhenReady(Array(text.utf8))
        } catch let error as Errno {
            throw OutputError(reason: error)
        }
        if isShared { redraw(as: status.withLock { $0.text }) }
    }

    private static func writeWhenReady(_ bytes: [UInt8]) async throws {
        let output = FileDescriptor.standardOutput
        // A file takes everything at once; a pipe that is ready takes this much without waiting (PIPE_BUF, pipe(7)).
        let piece = try FileStatus.of(output).kind == .regular ? bytes.count : 4096
        var rest = bytes[...]
        var wait = Duration.milliseconds(1)
        while !rest.isEmpty {
            if try output.isReady(for: .writing) {
                do {
                    rest = try rest.dropFirst(rest.prefix(piece).withUnsafeBytes { try output.write($0) })
                    wait = .milliseconds(1)
                    continue
                } catch Errno.resourceTemporarilyUnavailable {
                    // Another process has filled the pipe in between.
                }
            }
            try await Clocks.system.sleep(wait)
            wait = min(wait * 2, .milliseconds(50))
        }
    }

    /// Writes messages: errors, warnings.
    static func report(_ text: String) {
        let line = status.withLock { $0.text }
        writeDiagnostics(line.isEmpty ? text : drawing("") + text + drawing(line))
    }

    /// Writes a message about larkimg itself, in the language of the user.
    ///
    /// - Parameter english: the message without a newline.
    static func note(_ english: String) { report("larkimg: \(Language.current.text(english))\n") }

    /// Writes a message unless stderr does not take it within a moment.
    static func reportIfRead(_ text: String) {
        if isRead(.standardError) { report(text) }
    }

    /// Shows a line at the bottom of the terminal; an empty one removes it.
    static func showStatus(_ text: String) {
        let isNew = status.withLock { status in
            defer { status.text = text }
            return text != status.text
        }
        if isNew { writeDiagnostics(drawing(text)) }
    }

    private static func redraw(as line: String) {
        if status.withLock({ !$0.text.isEmpty }) { writeDiagnostics(drawing(line)) }
    }

    /// Back to the first column, the line, and nothing behind it (ECMA-48: CUU, ED). A terminal that has become narrower
    /// has wrapped the old line, which then begins some rows higher up.
    private static func drawing(_ line: String) -> String {
        let columns = columns
        let rows = status.withLock { status in
            defer { status.drawn = line.count }
            return max(0, status.drawn - 1) / columns
        }
        return (rows > 0 ? "\u{1B}[\(rows)A" : "") + "\r\(line)\u{1B}[J"
    }

    /// The width of the terminal.
    static var columns: Int {
        var size = winsize()
        guard ioctl(2, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func writeDiagnostics(_ text: String) {
        if dropsUnread.withLock({ $0 }), !isRead(.standardError) { return }
        // If stderr is closed or full, there is nowhere to report it.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }

    private static func isRead(_ file: FileDescriptor) -> Bool {
        // A descriptor that cannot be asked fails on the write.
        (try? file.isReady(for: .writing, within: 20)) ?? true
    }
}
