import ArgumentParser
import LarkAPI

/// The lifetime that a token needs.
struct TokenLifeOption: ParsableArguments {
    /// The platform returns the same token until 30 minutes of it are left, so more cannot be promised.
    private static let promise = 1800

    @Option(
        help: ArgumentHelp(
            "The token must be valid for at least this many seconds, 0 to 1800.",
            valueName: "seconds"))
    var minTtl: Int = 300

    /// The given lifetime.
    ///
    /// - Throws: ``UsageError`` out of bounds.
    func duration() throws -> Duration {
        guard (0...Self.promise).contains(minTtl) else {
            throw UsageError(
                description: "--min-ttl must be between 0 and \(Self.promise) seconds, not \(minTtl)",
                remedy:
                    "The platform returns the same token until 30 minutes of it are left, so more cannot be promised"
            )
        }
        return .seconds(minTtl)
    }
}
