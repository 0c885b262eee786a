import ArgumentParser
import Glibc
import ImageFetch
import LarkAPI
import PosixFiles
import SystemPackage

/// A list of downloads, and how it is worked off.
struct ListOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "Read what to download from this file, or from stdin with '-': see the discussion.", valueName: "file|-"))
    var input: String?

    @Flag(help: "Look through the whole list first, and send nothing if a line is not understood.")
    var strict = false

    @Option(help: ArgumentHelp("How many requests may be under way at a time, 1 to 256.", valueName: "n"))
    var jobs: Int = 32

    @Flag(name: .customLong("http2"), help: "Use one HTTP/2 connection; slower than many of HTTP/1.1 at a distance.")
    var usesHTTP2 = false

    @Option(
        help: ArgumentHelp(
            "Name files by a pattern of {tenant}, {key}, {message_id}, {type} and {ext}. (default: {key}.{ext})",
            valueName: "pattern"))
    var nameTemplate: String?

    @Flag(help: "Say what would be done, and send nothing.")
    var dryRun = false

    /// Whether something was asked for that a single download to a file does not do.
    var isForMany: Bool { strict || dryRun || nameTemplate != nil }

    /// How many downloads are done together.
    ///
    /// - Throws: ``UsageError``; ``InvalidValue``.
    func options(limits: DownloadLimits, folder: String, overwrite: Bool, spoolDirectory: String) throws -> BulkOptions
    {
        guard (1...256).contains(jobs) else {
            throw UsageError(description: "--jobs takes 1 to 256, not \(jobs)", remedy: "Name a number in that range")
        }
        var options = BulkOptions()
        options.jobs = jobs
        options.overwrite = overwrite
        options.isDryRun = dryRun
        options.directory = folder
        options.template = try nameTemplate.map { try NameTemplate($0) } ?? .byKey
        options.limits = limits
        options.spoolDirectory = spoolDirectory
        return options
    }

    /// Opens the list and gives it to a body.
    ///
    /// - Throws: ``InputError`` when it cannot be opened; what the body throws.
    static func withList<Result>(_ name: String, _ body: (Int32) async throws -> Result) async throws -> Result {
        guard name != "-" else { return try await body(0) }
        func unreadable(_ reason: Errno) -> InputError {
            InputError(
                description:
                    "the list \(TerminalText.visible(name, limit: 200)) cannot be read: \(reason.description.lowercased())",
                remedy: "Name a list with --input, or - for stdin", status: EX_USAGE)
        }
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(name), .readOnly, options: .closeOnExec)
        } catch let error as Errno {
            throw unreadable(error)
        }
        // It was only read.
        defer { try? file.close() }
        // A directory can be opened like a file, and fails only when it is read.
        guard try FileStatus.of(file).kind != .directory else { throw unreadable(.isDirectory) }
        return try await body(file.rawValue)
    }
}
