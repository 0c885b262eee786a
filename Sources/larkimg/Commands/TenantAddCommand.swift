import ArgumentParser
import LarkAPI
import TokenStore

/// Registers a tenant.
struct TenantAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register the tenant of a custom app, or a tenant that installed a store app.",
        discussion: """
            The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else from a prompt, and \
            stored encrypted. The app is verified by requesting a token, unless --no-verify is given. A tenant of a \
            store app has no secret of its own, but a tenant_key; larkimg app show lists those received in events. \
            The platform is lark unless --host says otherwise.

            EXAMPLE
              larkimg tenant add acme --app-id cli_a1b2c3 --app-secret-file secret.txt
              pass lark/acme | larkimg tenant add acme --app-id cli_a1b2c3 \\
                --app-secret-file - --host feishu
              larkimg tenant add globex --app shop --tenant-key 73658811060f175d
            """
    )

    @Argument(help: "A name for the tenant.")
    var name: String

    @Option(help: ArgumentHelp("The custom app's app_id, from the developer console.", valueName: "id"))
    var appId: String?

    @Option(name: .customLong("app"), help: ArgumentHelp("The store app that the tenant installed.", valueName: "name"))
    var storeApp: String?

    @Option(help: ArgumentHelp("The tenant's tenant_key for the store app.", valueName: "key"))
    var tenantKey: String?

    @OptionGroup var app: AppOptions
    @OptionGroup var quota: QuotaOption
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let tenant = try TenantName(name)
            let quota = try quota.rate() ?? .standard
            let store =
                switch (appId, storeApp, tenantKey) {
                case (let id?, nil, nil):
                    try await addCustom(tenant, appID: AppID(id), quota: quota)
                case (nil, let app?, let key?):
                    try await addInstalled(tenant, app: AppName(app), tenantKey: TenantKey(key), quota: quota)
                default:
                    throw UsageError(
                        description: "a tenant needs exactly one app",
                        remedy: "Give a custom app with --app-id ID, or a store app with --app NAME --tenant-key KEY"
                    )
                }
            try TenantOutput.write(try await store.tenant(tenant), as: output.json ? .json : .line("added"))
        } catch let error where !(error is Failure) {
            throw Failure(error, asJSON: output.json)
        }
    }

    private func addCustom(_ tenant: TenantName, appID: AppID, quota: RequestRate) async throws -> Store {
        let host = try app.namedHost() ?? .lark
        let location = try store.location()
        let secret = try SecretInput.appSecret(file: app.appSecretFile)
        let custom = AppCredentials(appID: appID, appSecret: secret, host: host)
        let store = try await Store.open(at: location, mode: .createIfMissing)
        try await AppVerification.wrappingErrors(of: tenant, appID: appID, asJSON: output.json) {
            try await store.checkIsNew(tenant)
            let token = app.noVerify ? nil : try await AppVerification.token(for: custom, isNew: true, app.network)
            try await store.addTenant(tenant, app: custom, quota: quota, token: token)
        }
        return store
    }

    private func addInstalled(
        _ tenant: TenantName, app name: AppName, tenantKey: TenantKey, quota: RequestRate
    ) async throws -> Store {
        guard app.appSecretFile == nil, app.host == nil else {
            throw UsageError(
                description: "secret and host belong to the store app, not to the tenant",
                remedy: "Change them with larkimg app update \(name)")
        }
        let store = try await Store.open(at: store.location())
        try await AppVerification.wrappingErrors(of: tenant, appID: nil, asJSON: output.json) {
            try await store.checkIsNew(tenant)
            let token = app.noVerify ? nil : try await provedToken(for: tenant, tenantKey, in: name, store)
            try await store.addTenant(tenant, app: name, tenantKey: tenantKey, quota: quota, token: token)
        }
        return store
    }

    private func provedToken(
        for tenant: TenantName, _ tenantKey: TenantKey, in app: AppName, _ store: Store
    ) async throws -> TenantAccessToken {
        do {
            return try await CommandContext.withClient(self.app.network) { client in
                try await CommandContext.provider(store, client).token(of: tenantKey, in: app)
            }
        } catch let error as LarkError {
            throw error.withRemedy(
                """
                \(Failure(error, tenant: tenant).remedy ?? ""). The tenant was not added; --no-verify adds it without \
                asking the platform
                """)
        }
    }
}
