import ArgumentParser
import Glibc
import ImageFetch
import LarkAPI
import PosixFiles
import SystemPackage

/// The options for lists of downloads.
struct ListOptions: ParsableArguments {
    @Option(
        name: [.customShort("i"), .long],
        help: ArgumentHelp(
            "Read a list of downloads from this file, or from stdin with '-'; see LISTS.", valueName: "file|-"),
        completion: .file())
    var input: String?

    @Flag(help: "Check the whole list first, and send nothing if a line is invalid.")
    var strict = false

    @Option(help: ArgumentHelp("The most requests in flight at a time, 1 to 256.", valueName: "n"))
    var jobs: Int = 32

    @Flag(
        name: .customLong("http2"),
        help: "Use one HTTP/2 connection; slower than many HTTP/1.1 connections over long distances.")
    var usesHTTP2 = false

    @Option(
        help: ArgumentHelp(
            """
            A pattern for file names, of {tenant}, {key}, {message_id}, {type} and {ext}, and of the message {chat}, \
            {sender}, {date}, {time} and {file_name}. (default: {key}.{ext})
            """,
            valueName: "pattern"))
    var nameTemplate: String?

    @Flag(name: .customLong("mtime"), help: "Give files the time of their message.")
    var keepsMessageTime = false

    @Flag(help: "Write what is known about the message beside each file, as NAME.json.")
    var sidecar = false

    @Flag(help: "Request again what an earlier run found to be deleted or not for this app.")
    var retryGone = false

    @Flag(help: "Request no messages, neither to find the owner of an image nor to look into bundles.")
    var noResolve = false

    @Flag(help: "Show what would be downloaded, and send nothing.")
    var dryRun = false

    /// Whether an option is set that does not apply to a single download.
    var isForMany: Bool { strict || dryRun || nameTemplate != nil || keepsMessageTime || sidecar }

    /// The options of the run.
    ///
    /// - Throws: ``CommandError``; ``InvalidValue``.
    func options(_ target: FetchTarget, limits: DownloadLimits) throws -> BulkOptions {
        guard (1...256).contains(jobs) else {
            throw CommandError(
                description: "--jobs must be between 1 and 256, not \(jobs)", remedy: "Use a number in that range")
        }
        var options = BulkOptions()
        options.jobs = jobs
        options.overwrite = try target.replacesFiles()
        options.isDryRun = dryRun
        options.directory = target.directory
        options.template = try nameTemplate.map { try NameTemplate($0) } ?? .byKey
        options.limits = limits
        options.findsOwners = !noResolve
        options.retriesGone = retryGone
        options.keepsMessageTime = keepsMessageTime
        options.writesSidecars = sidecar
        options.spoolDirectory = FetchTarget.spoolDirectory
        return options
    }

    /// Runs a closure with the opened list.
    ///
    /// - Throws: ``CommandError`` when it cannot be opened; what the body throws.
    static func withList<Result>(_ name: String, _ body: (Int32) async throws -> Result) async throws -> Result {
        guard name != "-" else { return try await body(0) }
        func unreadable(_ reason: Errno) -> CommandError {
            CommandError(
                description:
                    "the list \(TerminalText.visible(name, limit: 200)) cannot be read: \(reason.description.lowercased())",
                remedy: "Give a list with --input FILE, or - for stdin", status: EX_USAGE)
        }
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(name), .readOnly, options: .closeOnExec)
        } catch let error as Errno {
            throw unreadable(error)
        }
        // Nothing was written, so closing loses nothing.
        defer { try? file.close() }
        // A directory can be opened like a file, and fails only when it is read.
        guard try FileStatus.of(file).kind != .directory else { throw unreadable(.isDirectory) }
        return try await body(file.rawValue)
    }
}
