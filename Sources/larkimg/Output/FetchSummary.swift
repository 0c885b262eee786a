import ImageFetch

/// The summary of a run.
enum FetchSummary {
    /// A run on one line.
    ///
    /// - Parameter plan: the calls that a dry run would make; nil for another run.
    static func line(_ end: BulkProgress, time: Duration, plan: String?) -> String {
        var parts: [String] = []
        if let plan {
            parts.append(end.planned == 0 ? "nothing to fetch" : "\(end.planned) would be fetched (\(plan))")
            if end.plannedLookups > 0 { parts.append("\(end.plannedLookups) messages would be requested") }
        } else {
            parts.append("\(end.downloaded) downloaded (\(ByteCount.text(end.bytes)))")
        }
        if end.linked > 0 { parts.append("\(end.linked) linked to the same content") }
        if end.existing > 0 { parts.append("\(end.existing) already there") }
        if end.repeated > 0 { parts.append("\(end.repeated) repeated") }
        if end.failed > 0 { parts.append("\(end.failed) failed") }
        if end.gone > 0 { parts.append("\(end.gone) gone") }
        if end.unavailable > 0 { parts.append("\(end.unavailable) not available") }
        if end.invalid > 0 { parts.append("\(end.invalid) invalid line\(end.invalid == 1 ? "" : "s")") }
        let left = end.queued + end.active
        if left > 0 || !end.isListRead { parts.append("\(left)\(end.isListRead ? "" : " or more") not started") }
        return "\(parts.joined(separator: ", ")), in \(TimeSpan.text(seconds: time / .seconds(1)))"
    }

    /// The number of failures of each kind, the most frequent first.
    static func failures(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "  \($0.value) × \($0.key)\n" }
            .joined()
    }
}
