import ArgumentParser
import FoundationEssentials
import Glibc
import ImageFetch
import LarkAPI

/// The destination of downloads.
struct FetchTarget: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Write the one image to this file, replacing it, or to stdout with '-'.", valueName: "file|-"),
        completion: .file())
    var output: String?

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Write to this directory. (default: .)", valueName: "directory"),
        completion: .directory)
    var outputDir: String?

    @Flag(help: "Replace existing files. This is the default for -o.")
    var overwrite = false

    @Flag(help: "Keep existing files that are not empty. This is the default without -o.")
    var noClobber = false

    var isStandardOutput: Bool { output == "-" }

    /// The directory for downloads; empty for the current one. It is created for the first file.
    var directory: String { outputDir ?? "" }

    /// Whether existing files are replaced.
    ///
    /// - Throws: ``CommandError``.
    func replacesFiles() throws -> Bool {
        guard !overwrite || !noClobber else {
            throw CommandError(
                description: "--overwrite and --no-clobber do not go together", remedy: "Leave one of them out")
        }
        return overwrite || output != nil && !noClobber
    }

    /// The destination that `-o` gives.
    ///
    /// - Throws: ``CommandError``.
    func destination(_ output: String) throws -> Destination {
        guard !output.isEmpty else {
            throw CommandError(description: "-o needs a file name", remedy: "Give a file name, or - for stdout")
        }
        guard isStandardOutput else { return .file(output) }
        guard isatty(1) == 0 else {
            throw CommandError(
                description: "stdout is a terminal, and images are not text",
                remedy: "Redirect stdout to a file or a program, or name a file with -o")
        }
        return .descriptor(1, spoolDirectory: Self.spoolDirectory)
    }

    /// Where files without names go.
    static var spoolDirectory: String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return named.isEmpty ? "/tmp" : named
    }
}
