import ArgumentParser
import LarkAPI

/// What the platform takes from a tenant's app.
struct QuotaOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Requests for images that the platform takes from the app: 50/s,1000/m, one of the two, or none.",
            valueName: "rate"))
    var quota: String?

    /// The rate named, if any.
    ///
    /// - Throws: ``InvalidValue``.
    func rate() throws -> RequestRate? { try quota.map { try RequestRate($0) } }
}
