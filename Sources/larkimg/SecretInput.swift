import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// Input that cannot be read or used.
struct InputError: ReportableError {
    let description: String
    let remedy: Remedy?
    /// From sysexits.h.
    let status: Int32
    var reportType: String { "usage" }
    var isRetryable: Bool { false }
}

/// Reads secrets from a file, stdin, the environment or a terminal, never from an argument.
enum SecretInput {
    private static let byteLimit = 8192

    /// An app_secret: from the file if one is named, else from `LARKIMG_APP_SECRET`, else from a prompt.
    ///
    /// - Throws: ``InputError``; `CancellationError` for Ctrl-C at the prompt.
    static func appSecret(file: String?) throws -> Secret {
        if let file { return try read(file, what: "app_secret") }
        if let text = ProcessInfo.processInfo.environment["LARKIMG_APP_SECRET"], !text.isEmpty {
            return try checked(Array(text.utf8), what: "app_secret", source: "LARKIMG_APP_SECRET")
        }
        return try checked(try Prompt.ask("app_secret: "), what: "app_secret", source: "the terminal")
    }

    /// A secret from a file, or from stdin with `-`. One newline at its end is dropped.
    ///
    /// - Throws: ``InputError``.
    static func read(_ file: String, what: String) throws -> Secret {
        let source = file == "-" ? "stdin" : file
        do {
            let bytes: [UInt8]
            if file == "-" {
                bytes = try FileDescriptor.standardInput.readAll(upTo: byteLimit + 3)
            } else {
                let opened = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
                bytes = try opened.closeAfter { try opened.readAll(upTo: byteLimit + 3) }
            }
            return try checked(bytes, what: what, source: source)
        } catch let error as Errno {
            throw InputError(
                description: "\(what) cannot be read from \(source): \(error.description.lowercased())",
                remedy: "Check the file's name and permissions", status: EX_USAGE
            )
        }
    }

    private static func checked(_ bytes: [UInt8], what: String, source: String) throws -> Secret {
        func unusable(_ reason: String) -> InputError {
            InputError(
                description: "the \(what) from \(source) \(reason)",
                remedy: "Provide only the \(what): printable ASCII with at most one newline at the end",
                status: EX_USAGE
            )
        }
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw unusable("is empty") }
        guard bytes.count <= byteLimit else { throw unusable("is longer than \(byteLimit) bytes") }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw unusable("contains a space, a control character or a character outside ASCII")
        }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}
