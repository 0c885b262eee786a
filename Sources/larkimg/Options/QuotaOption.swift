import ArgumentParser
import LarkAPI

/// The rate limit of a tenant's app.
struct QuotaOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The platform's rate limit for the app: 50/s,1000/m, one of the two, or none.",
            valueName: "rate"))
    var quota: String?

    /// The given rate, if any.
    ///
    /// - Throws: ``InvalidValue``.
    func rate() throws -> RequestRate? { try quota.map { try RequestRate($0) } }
}
