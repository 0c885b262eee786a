import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import SystemPackage
import TokenStore

/// Reads secrets from a file, stdin, the environment or a terminal, never from an argument.
enum SecretInput {
    private static let byteLimit = 8192

    /// An app_secret: from the file if one is named, else from `LARKIMG_APP_SECRET`, else from a prompt, which can be
    /// cancelled.
    ///
    /// - Throws: ``CommandError``; `CancellationError`, also for Ctrl-C at the prompt.
    static func appSecret(file: String?) async throws -> Secret {
        if let file { return try read(file, what: "app_secret") }
        if let text = ProcessInfo.processInfo.environment["LARKIMG_APP_SECRET"], !text.isEmpty {
            return try checked(Array(text.utf8), what: "app_secret", source: "LARKIMG_APP_SECRET")
        }
        return try checked(try await Prompt.ask("app_secret: "), what: "app_secret", source: "the terminal")
    }

    /// A secret from a file, or from stdin with `-`. One newline at its end is dropped, with the CR before it.
    ///
    /// - Parameter isPrivate: refuses a file that others can read.
    /// - Throws: ``CommandError``.
    static func read(_ file: String, what: String, isPrivate: Bool = false) throws -> Secret {
        let source = file == "-" ? "stdin" : file
        do {
            let bytes: [UInt8]
            if file == "-" {
                bytes = try FileDescriptor.standardInput.readAll(upTo: byteLimit + 3)
            } else {
                let opened = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
                bytes = try opened.closeAfter {
                    if isPrivate { try checkIsPrivate(opened, file, what: what) }
                    return try opened.readAll(upTo: byteLimit + 3)
                }
            }
            return try checked(bytes, what: what, source: source)
        } catch let error as Errno {
            throw CommandError(
                description: "\(what) cannot be read from \(source): \(error.description.lowercased())",
                remedy: "Check the file's name and permissions")
        }
    }

    /// A pipe has no permissions that matter.
    private static func checkIsPrivate(_ opened: FileDescriptor, _ file: String, what: String) throws {
        let status = try FileStatus.of(opened)
        guard status.kind != .regular || !status.isOpenToOthers else {
            throw CommandError(
                description: "the \(what) in \(TerminalText.visible(file, limit: 200)) can be read by others",
                remedy: "chmod 600 '\(file)'", status: ExitStatus.configuration)
        }
    }

    private static func checked(_ bytes: [UInt8], what: String, source: String) throws -> Secret {
        do {
            return try SecretText.secret(in: bytes, limit: byteLimit)
        } catch {
            throw CommandError(
                description: "the \(what) from \(source) \(error.reason)",
                remedy: "Provide only the \(what): \(SecretText.form)")
        }
    }
}

/// Prompts for a secret without showing it.
private enum Prompt {
    /// What the user typed up to Return. The terminal is restored whatever happens.
    ///
    /// - Throws: ``CommandError`` when there is no terminal; `CancellationError`, also for Ctrl-C.
    static func ask(_ question: String) async throws -> [UInt8] {
        do {
            let terminal = try FileDescriptor.open("/dev/tty", .readWrite, options: .closeOnExec)
            // Only the terminal was written to, so closing loses nothing.
            defer { try? terminal.close() }
            return try await ask(question, on: terminal)
        } catch let error as Errno {
            throw CommandError(
                description: "there is no terminal to prompt for the app_secret: \(error.description.lowercased())",
                remedy: """
                    Give it in a file with --app-secret-file FILE, on stdin with --app-secret-file -, or in the \
                    variable LARKIMG_APP_SECRET; or say where it is with --app-secret-from: \(SecretReference.forms)
                    """)
        }
    }

    /// The terminal delivers single bytes and no signals of its keys, so that Ctrl-C is read as a byte.
    private static func ask(_ question: String, on terminal: FileDescriptor) async throws -> [UInt8] {
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
        return try await line(from: terminal)
    }

    private static func line(from terminal: FileDescriptor) async throws -> [UInt8] {
        var typed: [UInt8] = []
        while true {
            while try !terminal.isReady(for: .reading) { try await Clocks.system.sleep(.milliseconds(20)) }
            let byte = try terminal.readAll(upTo: 1).first
            switch byte {
            case 0x04, UInt8(ascii: "\n"), UInt8(ascii: "\r"): return typed
            // The terminal is gone.
            case nil, 0x03: throw CancellationError()
            case 0x08, 0x7F: _ = typed.popLast()
            case 0x15: typed = []
            case let byte?: typed.append(byte)
            }
        }
    }
}
