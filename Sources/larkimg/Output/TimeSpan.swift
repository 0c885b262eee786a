/// Durations for people.
enum TimeSpan {
    /// `4.2 s`, `3m12s`, `2h05m`.
    static func text(seconds: Double) -> String {
        guard seconds < 1e9 else { return "years" }
        let whole = Int(seconds.rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch whole {
        case ..<10:
            let tenths = Int((seconds * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) s"
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60)m\(two(whole % 60))s"
        default: return "\(whole / 3600)h\(two(whole / 60 % 60))m"
        }
    }
}
