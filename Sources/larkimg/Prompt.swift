import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// Prompts for a secret without showing it.
enum Prompt {
    /// What the user typed up to Return.
    ///
    /// The terminal delivers single bytes and no signals, so that Ctrl-C is read as a byte and the terminal is
    /// restored before the command ends.
    ///
    /// - Throws: ``InputError`` when there is no terminal; `CancellationError` for Ctrl-C.
    static func ask(_ question: String) throws -> [UInt8] {
        do {
            let terminal = try FileDescriptor.open("/dev/tty", .readWrite, options: .closeOnExec)
            return try terminal.closeAfter { try ask(question, on: terminal) }
        } catch let error as Errno {
            throw InputError(
                description: "there is no terminal to prompt for the app_secret: \(error.description.lowercased())",
                remedy: "Pass it with --app-secret-file FILE, or on stdin with --app-secret-file -",
                status: EX_USAGE
            )
        }
    }

    private static func ask(_ question: String, on terminal: FileDescriptor) throws -> [UInt8] {
        var before = termios()
        guard tcgetattr(terminal.rawValue, &before) == 0 else { throw Errno(rawValue: errno) }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO | ICANON | ISIG)
        guard tcsetattr(terminal.rawValue, TCSAFLUSH, &silent) == 0 else { throw Errno(rawValue: errno) }
        defer {
            tcsetattr(terminal.rawValue, TCSAFLUSH, &before)
            // The Return was not echoed. If writing fails there is no line to end.
            _ = try? terminal.writeAll("\n".utf8)
        }
        try terminal.writeAll(question.utf8)
        return try line(from: terminal)
    }

    private static func line(from terminal: FileDescriptor) throws -> [UInt8] {
        var typed: [UInt8] = []
        while true {
            let byte = try terminal.readAll(upTo: 1).first
            switch byte {
            case nil, 0x04, UInt8(ascii: "\n"), UInt8(ascii: "\r"): return typed
            case 0x03: throw CancellationError()
            case 0x08, 0x7F: _ = typed.popLast()
            case 0x15: typed = []
            case let byte?: typed.append(byte)
            }
        }
    }
}
