import ArgumentParser

/// The options for reports on a run.
struct ReportOptions: ParsableArguments {
    @Flag(name: [.customShort("q"), .long], help: "Show no progress and no summary; errors are still reported.")
    var quiet = false

    @Option(
        help: ArgumentHelp("Append a line of JSON per image to this file, as --json prints it.", valueName: "file"),
        completion: .file())
    var report: String?

    @Option(
        help: ArgumentHelp("Write failed downloads to this file, in a form that --input reads.", valueName: "file"),
        completion: .file())
    var errorsTo: String?

    @Option(
        help: ArgumentHelp(
            "Write an HTML page with the images and the failures to this file.", valueName: "file.html"),
        completion: .file())
    var gallery: String?

    /// Whether an option is set that does not apply to a single download.
    var isForMany: Bool { report != nil || errorsTo != nil || gallery != nil }
}
