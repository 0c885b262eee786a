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

    /// The limits, by default those of the library.
    ///
    /// - Throws: ``CommandError``.
    func limits() throws -> DownloadLimits {
        var limits = DownloadLimits()
        if let maxSize {
            guard let bytes = Self.number(maxSize, units: ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]) else {
                throw Self.refusal("--max-size", maxSize, "a number of bytes such as 500000, 512K or 20M")
            }
            limits.maximumBytes = bytes
        }
        if let timeout {
            guard let seconds = Self.number(timeout, units: ["s": 1, "m": 60, "h": 3600]), seconds <= 86_400 else {
                throw Self.refusal("--timeout", timeout, "a time up to a day such as 90, 90s, 5m or 1h")
            }
            limits.totalTime = .seconds(seconds)
        }
        return limits
    }

    /// A whole number above zero with at most one unit after it.
    private static func number(_ text: String, units: [Character: Int]) -> Int? {
        let unit = text.last.flatMap { units[$0] }
        let digits = unit == nil ? text[...] : text.dropLast()
        guard digits.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let count = Int(digits)
        else { return nil }
        let (product, overflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        return overflow || product < 1 ? nil : product
    }

    private static func refusal(_ option: String, _ text: String, _ form: String) -> CommandError {
        CommandError(description: "\(option) does not accept '\(text)'", remedy: "Use \(form)")
    }
}
