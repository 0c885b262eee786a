import FoundationEssentials

/// Times as the official command line writes them; the emulator's time zone is UTC.
enum CommandLineTime {
    /// Such as `2025-10-09 16:53`; what is no number of milliseconds stays as it is.
    static func local(_ milliseconds: String) -> String {
        guard let date = parsed(milliseconds) else { return milliseconds }
        let style = Date.ISO8601FormatStyle(dateTimeSeparator: .space)
        // The style has no way to leave out the seconds.
        return String(date.formatted(style).prefix(16))
    }

    /// Such as `2025-10-09T16:53:20Z`.
    static func zoned(_ milliseconds: String) -> String {
        parsed(milliseconds)?.formatted(.iso8601) ?? "unknown"
    }

    private static func parsed(_ milliseconds: String) -> Date? {
        guard let count = Int(milliseconds), (0..<4_102_444_800_000).contains(count) else { return nil }
        return Date(timeIntervalSince1970: Double(count) / 1000)
    }
}
