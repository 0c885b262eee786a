import ArgumentParser
import FoundationEssentials
import LarkAPI

/// What registers or changes an app.
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

    @Flag(help: "Do not ask the platform whether app_id and secret are right.")
    var noVerify = false

    /// The host named, if any.
    ///
    /// - Throws: ``InvalidValue``.
    func namedHost() throws -> LarkHost? {
        try host.map { try LarkHost($0, allowInsecureHTTP: insecureHttp) }
    }
}
