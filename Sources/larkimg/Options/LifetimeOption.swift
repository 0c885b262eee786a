import ArgumentParser
import LarkAPI

/// The lifetime of a client's secret.
struct LifetimeOption: ParsableArguments {
    private static let units: [Character: Int] = ["h": 3600, "d": 86_400]
    private static let range = 3600...(3650 * 86_400)

    @Option(
        help: ArgumentHelp("The secret expires after this time: 90d, 12h. (default: never)", valueName: "time"))
    var expires: String?

    /// The given time, if any.
    ///
    /// - Throws: ``UsageError``.
    func lifetime() throws -> Duration? {
        guard let expires else { return nil }
        guard let unit = expires.last.flatMap({ Self.units[$0] }), let count = Int(expires.dropLast()),
            case (let seconds, let isTooMuch) = count.multipliedReportingOverflow(by: unit), !isTooMuch,
            Self.range.contains(seconds)
        else {
            throw UsageError(
                description: "--expires must be between an hour and ten years, not \(expires)",
                remedy: "Use hours or days: --expires 90d")
        }
        return .seconds(seconds)
    }
}
