import ArgumentParser
import LarkAPI

/// How long a token will be used.
struct TokenLifeOption: ParsableArguments {
    /// More cannot be promised: the platform names the same token until half an hour of it is left.
    private static let promise = 1800

    @Option(
        help: ArgumentHelp(
            "The token shall live at least so long, 0 to 1800: more the platform does not promise.",
            valueName: "seconds"))
    var minTtl: Int = 300

    /// The life asked for.
    ///
    /// - Throws: ``UsageError`` out of bounds.
    func duration() throws -> Duration {
        guard (0...Self.promise).contains(minTtl) else {
            throw UsageError(
                description: "--min-ttl takes 0 to \(Self.promise) seconds, not \(minTtl)",
                remedy:
                    "The platform hands out the same token until 30 minutes of it are left, so more cannot be promised"
            )
        }
        return .seconds(minTtl)
    }
}
