import Glibc
import Synchronization
import SystemPackage

/// Writing the result to stdout failed.
struct OutputError: Error, CustomStringConvertible {
    let reason: Errno

    var description: String { "the result cannot be written to stdout: \(reason.description.lowercased())" }

    /// Whether the reader has closed the pipe, so that a message is pointless.
    var isClosedPipe: Bool { reason == .brokenPipe }
}

/// The standard streams. Every write to stdout is checked: `print` ignores a full disk.
enum Terminal {
    /// The progress line: removed before anything is written, and restored below it.
    private static let status = Mutex("")

    private static let dropsUnread = Mutex(false)

    /// Drops output that stderr does not accept promptly, so that it cannot block a service.
    static func dropUnreadDiagnostics() { dropsUnread.withLock { $0 = true } }

    /// Whether a line can be written within so many milliseconds.
    static func isReady(_ file: FileDescriptor, within milliseconds: Int32) -> Bool {
        var request = pollfd(fd: file.rawValue, events: Int16(POLLOUT), revents: 0)
        return poll(&request, 1, milliseconds) != 0
    }

    /// Writes a result.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ text: String) throws {
        try status.withLock { status in
            let isShared = !status.isEmpty && isatty(1) == 1
            if isShared { draw("") }
            do {
                try FileDescriptor.standardOutput.writeAll(text.utf8)
            } catch let error as Errno {
                throw OutputError(reason: error)
            }
            if isShared { draw(status) }
        }
    }

    /// Writes errors and warnings to stderr.
    static func report(_ text: String) {
        status.withLock { status in
            if !status.isEmpty { draw("") }
            writeDiagnostic(text)
            if !status.isEmpty { draw(status) }
        }
    }

    /// Shows a progress line; an empty one removes it.
    static func showStatus(_ text: String) {
        status.withLock { status in
            guard text != status else { return }
            draw(text)
            status = text
        }
    }

    /// Back to the first column, the line, and nothing behind it (ECMA-48, EL).
    private static func draw(_ line: String) { writeDiagnostic("\r\(line)\u{1B}[K") }

    private static func writeDiagnostic(_ text: String) {
        if dropsUnread.withLock({ $0 }), !isReady(.standardError, within: 20) { return }
        // If stderr is closed or full, there is nowhere left to report to.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
