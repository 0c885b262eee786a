import Glibc
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
    /// Writes a result.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ text: String) throws {
        do {
            try FileDescriptor.standardOutput.writeAll(text.utf8)
        } catch let error as Errno {
            throw OutputError(reason: error)
        }
    }

    /// Writes what is no result: errors, warnings, progress.
    static func report(_ text: String) {
        // Where stderr is closed or full, there is nobody left to tell.
        _ = try? FileDescriptor.standardError.writeAll(text.utf8)
    }
}
