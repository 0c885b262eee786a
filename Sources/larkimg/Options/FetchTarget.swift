import ArgumentParser
import FoundationEssentials
import ImageFetch
import LarkAPI

/// Where downloads go.
struct FetchTarget: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write the one image to this file, or to stdout with '-'.", valueName: "file|-"))
    var output: String?

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Write to this folder, which is made if it is missing. (default: .)", valueName: "folder"))
    var outputDir: String?

    @Flag(help: "Replace files that are there.")
    var overwrite = false

    var isStandardOutput: Bool { output == "-" }

    /// The destination of the one download that `-o` names.
    ///
    /// - Throws: ``UsageError``.
    func destination(_ output: String) throws -> Destination {
        guard !output.isEmpty else {
            throw UsageError(description: "-o names no file", remedy: "Name a file, or - for stdout")
        }
        return isStandardOutput ? .descriptor(1, spoolDirectory: Self.spoolDirectory) : .file(output)
    }

    /// The folder that downloads go to, made if it is missing; empty for the current one.
    ///
    /// - Throws: ``InputError`` when it cannot be made.
    func folder() throws -> String {
        guard let outputDir else { return "" }
        do {
            try FileManager.default.createDirectory(atPath: outputDir, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                description: "the folder \(TerminalText.visible(outputDir, limit: 200)) cannot be made",
                remedy: "Name another one with -d, or mend the permissions above it",
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
