import FoundationEssentials

/// The id by which the platform finds a request again: 14 digits of time and 20 hexadecimal ones.
enum LogID {
    static func make(at now: Date) -> String {
        let style = Date.ISO8601FormatStyle(
            dateSeparator: .omitted,
            dateTimeSeparator: .space,
            timeSeparator: .omitted
        )
        return now.formatted(style).filter(\.isNumber) + Random.hex(digits: 20).uppercased()
    }
}
