import ArgumentParser
import ImageFetch

/// Limits of a download.
struct DownloadLimitOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The largest file to accept, for example 512K, 20M, 1G. (default: 100M)", valueName: "bytes")
    )
    var maxSize: String?

    @Option(
        help: ArgumentHelp(
            "The time limit for a file, all attempts included: 90, 90s, 5m, 1h. (default: 5m)", valueName: "duration"
        ))
    var timeout: String?

    @Option(
        help: ArgumentHelp(
            "Stop before the last n calls of the app's month quota; see tenant update --month-quota.", valueName: "n"))
    var reserve: Int?

    /// The calls of the month to leave to others.
    ///
    /// - Throws: ``CommandError``.
    func monthReserve() throws -> Int? {
        guard let reserve, reserve < 0 else { return reserve }
        throw Self.refusal("--reserve", "\(reserve)", "a number of calls such as 1000")
    }

    /// The limits, by default those of the library.
    ///
    /// - Throws: ``CommandError``.
    func limits() throws -> DownloadLimits {
        var limits = DownloadLimits()
        if let maxSize {
            guard let bytes = NumberText.value(maxSize, units: NumberText.bytes), bytes > 0 else {
                throw Self.refusal("--max-size", maxSize, "a number of bytes such as 500000, 512K or 20M")
            }
            limits.maximumBytes = bytes
        }
        if let timeout {
            guard let seconds = NumberText.value(timeout, units: NumberText.seconds), (1...86_400).contains(seconds)
            else {
                throw Self.refusal("--timeout", timeout, "a time up to a day such as 90, 90s, 5m or 1h")
            }
            limits.totalTime = .seconds(seconds)
        }
        return limits
    }

    private static func refusal(_ option: String, _ text: String, _ form: String) -> CommandError {
        CommandError(description: "\(option) does not accept '\(text)'", remedy: "Use \(form)")
    }
}
