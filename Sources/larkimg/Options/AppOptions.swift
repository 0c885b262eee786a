import ArgumentParser
import FoundationEssentials
import LarkAPI

/// What registers or changes a tenant's app.
struct AppOptions: ParsableArguments {
    @Option(
        name: .customLong("app-secret-file"),
        help: ArgumentHelp(
            "Read the app_secret from this file, or from stdin with '-'. Never given as an argument.",
            valueName: "file|-"))
    var appSecretFile: String?

    @Option(help: ArgumentHelp("Where the platform answers: lark, feishu or a URL.", valueName: "lark|feishu|URL"))
    var host: String?

    @Flag(help: "Take a URL of plain http for another machine; secrets then travel in clear.")
    var insecureHttp = false

    @Option(
        help: ArgumentHelp(
            "Requests for images that the platform takes from the app: 50/s,1000/m, one of the two, or none.",
            valueName: "rate"))
    var quota: String?

    @Flag(help: "Do not ask the platform for a token to verify the app.")
    var noVerify = false

    /// The rate named, if any.
    ///
    /// - Throws: ``InvalidWord``.
    func namedQuota() throws -> RequestRate? { try quota.map { try RequestRate($0) } }

    /// The host named, if any.
    ///
    /// - Throws: ``InvalidWord``.
    func namedHost() throws -> LarkHost? {
        try host.map { try LarkHost($0, allowInsecureHTTP: insecureHttp) }
    }
}
