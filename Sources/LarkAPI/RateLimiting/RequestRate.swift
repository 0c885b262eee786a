/// The maximum rate of requests to an API from one app in one tenant.
public struct RequestRate: Sendable, Hashable, CustomStringConvertible {
    /// Requests in any second; nil for no such limit.
    public let perSecond: Int?
    /// Requests in any minute; nil for no such limit.
    public let perMinute: Int?

    /// 50 a second and 1,000 a minute, the limit of the image APIs (document "Frequency control", level 4).
    public static let standard = RequestRate(checked: 50, 1000)

    /// No limit.
    public static let unlimited = RequestRate(checked: nil, nil)

    private static let secondRange = 1...1000
    private static let minuteRange = 1...10_000

    private init(checked perSecond: Int?, _ perMinute: Int?) {
        self.perSecond = perSecond
        self.perMinute = perMinute
    }

    /// Checks two limits.
    ///
    /// - Parameters:
    ///   - perSecond: 1 to 1,000; nil for no such limit.
    ///   - perMinute: 1 to 10,000; nil for no such limit.
    /// - Returns: nil if one of them is out of its range.
    public init?(perSecond: Int?, perMinute: Int?) {
        guard perSecond.map(Self.secondRange.contains) ?? true, perMinute.map(Self.minuteRange.contains) ?? true else {
            return nil
        }
        self.init(checked: perSecond, perMinute)
    }

    /// Reads `50/s,1000/m`, one of the two alone, or `none`.
    ///
    /// - Throws: ``InvalidValue`` for anything else.
    public init(_ text: String) throws {
        let refusal = InvalidValue(
            word: text, kind: "quota",
            rule: "1/s to 1000/s, 1/m to 10000/m, both with a comma between them, or 'none': 50/s,1000/m"
        )
        guard text != "none" else {
            self = .unlimited
            return
        }
        var counts: [Substring: Int] = [:]
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let halves = part.split(separator: "/", omittingEmptySubsequences: false)
            guard halves.count == 2, ["s", "m"].contains(halves[1]), counts[halves[1]] == nil,
                halves[0].utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let count = Int(halves[0])
            else { throw refusal }
            counts[halves[1]] = count
        }
        guard let rate = RequestRate(perSecond: counts["s"], perMinute: counts["m"]) else { throw refusal }
        self = rate
    }

    /// The least time from the first to the last of some requests.
    package func time(for count: Int) -> Duration {
        var left = max(count - 1, 0)
        var time = Duration.zero
        if let perMinute {
            time = .seconds(60) * (left / perMinute)
            left %= perMinute
        }
        return perSecond.map { time + .seconds(Double(left) / Double($0)) } ?? time
    }

    /// The rate in the form that ``init(_:)`` reads.
    public var description: String {
        let parts = [perSecond.map { "\($0)/s" }, perMinute.map { "\($0)/m" }].compactMap(\.self)
        return parts.isEmpty ? "none" : parts.joined(separator: ",")
    }
}
