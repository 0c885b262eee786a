import ArgumentParser

/// What is told about a run, and where.
struct ReportOptions: ParsableArguments {
    @Flag(name: [.customShort("q"), .long], help: "Show neither progress nor the summary; errors are still told.")
    var quiet = false

    @Option(
        help: ArgumentHelp("Append a line of JSON for each image to this file, as --json prints it.", valueName: "file")
    )
    var report: String?

    @Option(
        help: ArgumentHelp("Write what failed to this file, in a form that --input takes.", valueName: "file"))
    var errorsTo: String?

    @Option(
        help: ArgumentHelp(
            "Write a page with the images and the failures to this file, for a browser.", valueName: "file.html"))
    var gallery: String?

    /// Whether something was asked for that a single download to a file does not do.
    var isForMany: Bool { report != nil || errorsTo != nil || gallery != nil }
}
