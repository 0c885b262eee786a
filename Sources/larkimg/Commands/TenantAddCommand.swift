import ArgumentParser
import LarkAPI
import TokenStore

/// Registers a tenant.
struct TenantAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register the tenant of a custom app.",
        discussion: """
            The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else asked for at the \
            terminal. It is sealed in the store, and the app is verified by fetching a token, unless --no-verify.

            EXAMPLE
              larkimg tenant add acme --app-id cli_a1b2c3 --app-secret-file secret.txt
              pass lark/acme | larkimg tenant add acme --app-id cli_a1b2c3 --app-secret-file - --host feishu
            """
    )

    @Argument(help: "The name for the tenant from now on.")
    var name: String

    @Option(help: ArgumentHelp("The app's id, as the developer console shows it.", valueName: "id"))
    var appId: String

    @OptionGroup var app: AppOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let tenant = try TenantName(name)
            let appID = try AppID(appId)
            let host = try app.namedHost() ?? .lark
            let quota = try app.namedQuota() ?? .standard
            let location = try store.location()
            let secret = try SecretInput.appSecret(file: app.appSecretFile)
            let custom = CustomApp(appID: appID, appSecret: secret, host: host)
            let store = try Store(at: location, mode: .createIfMissing)
            try await AppVerification.failing(as: tenant, appID: appID, asJSON: output.json) {
                try await store.checkIsNew(tenant)
                let token = app.noVerify ? nil : try await AppVerification.token(for: custom, isNew: true)
                try await store.addTenant(tenant, app: custom, quota: quota, token: token)
            }
            try TenantOutput.write(try await store.tenant(tenant), as: output.json ? .json : .line("added"))
        } catch let error where !(error is Failure) {
            throw Failure(error, asJSON: output.json)
        }
    }
}
