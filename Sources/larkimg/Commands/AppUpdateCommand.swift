import ArgumentParser
import LarkAPI
import TokenStore

/// Changes a store app.
struct AppUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a store app's secret, host or event settings; also ends a back-off.",
        discussion: """
            Options that are not given keep their values. Cached tokens are no longer used.

            EXAMPLE
              larkimg app update shop --app-secret-file new-secret.txt
            """
    )

    @Argument(help: "The app's name.")
    var name: String

    @Option(help: ArgumentHelp("The new app_id.", valueName: "id"))
    var appId: String?

    @OptionGroup var app: AppOptions
    @OptionGroup var events: EventOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try AppName(name)
            let newID = try appId.map { try AppID($0) }
            let newHost = try app.namedHost()
            let store = try await Store.open(at: store.location())
            var credentials = try await store.credentials(of: name)
            if let newID { credentials.appID = newID }
            if let newHost { credentials.host = newHost }
            if let file = app.appSecretFile { credentials.appSecret = try SecretInput.read(file, what: "app_secret") }
            let settings = try events.changed(try await store.eventSettings(of: name))
            let changed = credentials
            try await AppVerification.wrappingErrors(of: nil, appID: changed.appID, asJSON: output.json) {
                if !app.noVerify { try await AppVerification.requestTicket(of: changed, isNew: false, app.network) }
                try await store.updateApp(name, changed, settings: settings)
            }
            try AppOutput.write(try await store.app(name), as: output.json ? .json : .line("updated"))
        } catch let error where !(error is Failure) {
            throw Failure(error, asJSON: output.json)
        }
    }
}
