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

    /// The destination of so many downloads.
    ///
    /// - Throws: ``UsageError``; ``InputError`` when the folder cannot be made.
    func destination(of count: Int) throws -> Destination {
        if let output {
            guard count == 1, outputDir == nil else {
                throw UsageError(
                    description: "-o takes one image and no folder",
                    remedy: "Name a folder with -d instead; files are named by their keys"
                )
            }
            guard !output.isEmpty else {
                throw UsageError(description: "-o names no file", remedy: "Name a file, or - for stdout")
            }
            return isStandardOutput ? .descriptor(1, spoolFolder: Self.spoolFolder) : .file(output)
        }
        guard let outputDir else { return .folder("") }
        do {
            try FileManager.default.createDirectory(atPath: outputDir, withIntermediateDirectories: true)
        } catch {
            throw InputError(
                description: "the folder \(DisplayText.visible(outputDir, limit: 200)) cannot be made",
                remedy: "Name another one with -d, or mend the permissions above it",
                status: ExitStatus.cannotCreate
            )
        }
        return .folder(outputDir)
    }

    private static var spoolFolder: String {
        let named = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
        return named.isEmpty ? "/tmp" : named
    }
}
