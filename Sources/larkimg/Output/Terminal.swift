import Glibc
import PosixFiles
import Synchronization
import SystemPackage

/// Writing to stdout failed: what was asked for did not arrive.
struct OutputError: Error, CustomStringConvertible {
    let reason: Errno

    var description: String { "the result cannot be written to stdout: \(reason.description.lowercased())" }

    /// The reader has gone and knows it; a message would tell nobody anything.
    var isClosedPipe: Bool { reason == .brokenPipe }
}

/// The two streams of the command. Every write to stdout is checked: `print` to a full disk succeeds in silence.
enum Terminal {
    /// The line at the foot of the terminal: it is taken away for whatever is written, and put back below it.
    private static let status = Mutex("")

    private static let dropsUnread = Mutex(false)

    /// From now on what stderr does not take within a moment is dropped: a service must not stand still for it.
    static func dropUnreadDiagnostics() { dropsUnread.withLock { $0 = true } }

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

    /// Writes what is no result: errors, warnings.
    static func report(_ text: String) {
        status.withLock { status in
            if !status.isEmpty { draw("") }
            tell(text)
            if !status.isEmpty { draw(status) }
        }
    }

    /// Shows a line at the foot of the terminal; an empty one takes it away.
    static func showStatus(_ text: String) {
        status.withLock { status in
            guard text != status else { return }
            draw(text)
            status = text
        }
    }

    /// Back to the first column, the line, and nothing behind it (ECMA-48, EL).
    private static func draw(_ line: String) { tell("\r\(line)\u{1B}[K") }

    private static func tell(_ text: String) {
        if dropsUnread.withLock({ $0 }),
            (try? FileDescriptor.standardError.isReady(for: .writing, within: 20)) != true
        {
            return
        }
        // Where stderr is closed or full, there is nobody left to tell.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
