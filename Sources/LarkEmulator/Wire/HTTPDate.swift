import FoundationEssentials

/// The text of a Date header, such as "Sun, 06 Nov 1994 08:49:37 GMT".
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ date: Date) -> String {
        // "1994-11-06T08:49:37Z" holds all but the names.
        let parts = date.formatted(.iso8601).split { !$0.isNumber }
        guard parts.count == 6, let month = Int(parts[1]), months.indices.contains(month - 1) else { return "" }
        // The first day of 1970 was a Thursday.
        let day = (Int((date.timeIntervalSince1970 / 86400).rounded(.down)) % 7 + 11) % 7
        let clock = parts[3...].joined(separator: ":")
        return "\(days[day]), \(parts[2]) \(months[month - 1]) \(parts[0]) \(clock) GMT"
    }
}
