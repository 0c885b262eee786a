import ArgumentParser
import FoundationEssentials
import LarkAPI

/// The options that register or change an app.
struct AppOptions: ParsableArguments {
    @Option(
        name: .customLong("app-secret-file"),
        help: ArgumentHelp(
            "Read the app_secret from this file, or from stdin with '-'.",
            valueName: "file|-"))
    var appSecretFile: String?

    @OptionGroup var network: NetworkOptions

    @Option(help: ArgumentHelp("The platform: lark, feishu or a URL.", valueName: "lark|feishu|URL"))
    var host: String?

    @Flag(help: "Accept an http URL of another machine; secrets are then sent unencrypted.")
    var insecureHttp = false

    @Flag(help: "Do not verify app_id and app_secret with the platform.")
    var noVerify = false

    /// The given host, if any.
    ///
    /// - Throws: ``InvalidValue``.
    func namedHost() throws -> LarkHost? {
        try host.map { try LarkHost($0, allowInsecureHTTP: insecureHttp) }
    }
}
