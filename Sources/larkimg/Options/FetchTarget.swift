import ArgumentParser
import FoundationEssentials
import ImageFetch
import LarkAPI

/// The destination of downloads.
struct FetchTarget: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the one image to this file, or to stdout with '-'.", valueName: "file|-"))
    var output: String?

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp(
            "Write to this directory; it is created if it does not exist. (default: .)", valueName: "directory"))
    var outputDir: String?

    @Flag(help: "Replace existing files.")
    var overwrite = false

    var isStandardOutput: Bool { output == "-" }

    /// The destination that `-o` gives.
    ///
    /// - Throws: ``UsageError``.
    func destination(_ output: String) throws -> Destination {
        guard !output.isEmpty else {
            throw UsageError(description: "-o needs a file name", remedy: "Give a file name, or - for stdout")
        }
        return isStandardOutput ? .descriptor(1, spoolDirectory: Self.spoolDirectory) : .file(output)
    }

    /// The directory for downloads, created if it does not exist; empty for the current one.
    ///
    /// - Throws: ``InputError`` if it cannot be created.
    func folder() throws -> String {
        guard let outputDir else { return "" }
        do {
            try FileManager.default.createDirectory(atPath: outputDir, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                description: "the directory \(TerminalText.visible(outputDir, limit: 200)) cannot be created",
                remedy: "Choose another one with -d, or fix the permissions of its parent",
                status: ExitStatus.cannotCreate
            )
        }
        return outputDir
    }

    /// Where files without names go.
    static var spoolDirectory: String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return named.isEmpty ? "/tmp" : named
    }
}
