import ArgumentParser
import LarkAPI
import TokenStore

/// Registers a store app.
struct AppAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a store app.",
        discussion: """
            The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else from a prompt. It is \
            verified by asking the platform to push an app_ticket, unless --no-verify is given. The name is also the \
            last part of the app's event address: https://HOST/events/NAME. The platform is lark unless --host \
            says otherwise.

            EXAMPLE
              larkimg app add shop --app-id cli_a1b2c3 --app-secret-file secret.txt \\
                --verification-token-file verification.txt \\
                --encrypt-key-file encrypt.txt
            """
    )

    @Argument(help: "A name for the app.")
    var name: String

    @Option(help: ArgumentHelp("The app_id, from the developer console.", valueName: "id"))
    var appId: String

    @OptionGroup var app: AppOptions
    @OptionGroup var events: EventOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try AppName(name)
            let credentials = AppCredentials(
                appID: try AppID(appId), appSecret: try SecretInput.appSecret(file: app.appSecretFile),
                host: try app.namedHost() ?? .lark)
            let settings = try events.changed()
            let store = try await Store.open(at: store.location(), mode: .createIfMissing)
            try await AppVerification.wrappingErrors(of: nil, appID: credentials.appID, asJSON: output.json) {
                try await store.checkIsNew(name)
                if !app.noVerify { try await AppVerification.requestTicket(of: credentials, isNew: true, app.network) }
                try await store.addApp(name, credentials, settings: settings)
            }
            try AppOutput.write(try await store.app(name), as: output.json ? .json : .line("added"))
        } catch let error where !(error is Failure) {
            throw Failure(error, asJSON: output.json)
        }
    }
}
