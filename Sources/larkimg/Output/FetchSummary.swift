import ImageFetch

/// The summary of a run.
enum FetchSummary {
    /// A run on one line.
    static func line(_ end: BulkProgress, seconds: Double) -> String {
        var parts: [String] = []
        if end.planned > 0 { parts.append("\(end.planned) would be fetched") }
        if end.downloaded > 0 || end.planned == 0 {
            parts.append("\(end.downloaded) downloaded (\(ByteCount.text(end.bytes)))")
        }
        if end.existing > 0 { parts.append("\(end.existing) already there") }
        if end.repeated > 0 { parts.append("\(end.repeated) repeated") }
        if end.failed > 0 { parts.append("\(end.failed) failed") }
        if end.invalid > 0 { parts.append("\(end.invalid) invalid lines") }
        let left = end.queued + end.active
        if left > 0 || !end.isListRead { parts.append("\(left)\(end.isListRead ? "" : " or more") not started") }
        return "\(parts.joined(separator: ", ")), in \(TimeSpan.text(seconds: seconds))"
    }

    /// The number of failures of each kind, the most frequent first.
    static func failures(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "  \($0.value) × \($0.key)\n" }
            .joined()
    }
}
