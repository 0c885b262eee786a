import ArgumentParser
import LarkAPI
import TokenStore

/// Registers a tenant.
struct TenantAddCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register the tenant of a custom app, or a tenant that installed a store app.",
        discussion: """
            The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else from a prompt, and \
            stored encrypted. With --app-secret-from only the reference is stored: a variable, a file, a systemd \
            credential, or a command that prints the secret, run without a shell and ended after 10 seconds. The app \
            is verified by requesting a token, unless --no-verify is given. A tenant of a \
            store app has no secret of its own, but a tenant_key; larkimg app show lists those received in events. \
            The platform is lark unless --host says otherwise.

            EXAMPLE
              larkimg tenant add acme --app-id cli_a1b2c3 --app-secret-file secret.txt
              pass lark/acme | larkimg tenant add acme --app-id cli_a1b2c3 \\
                --app-secret-file - --host feishu
              larkimg tenant add acme --app-id cli_a1b2c3 \\
                --app-secret-from 'exec:pass show lark/acme'
              larkimg tenant add globex --app shop --tenant-key 73658811060f175d
            """
    )

    @Argument(help: "A name for the tenant.")
    var name: String

    @Option(help: ArgumentHelp("The custom app's app_id, from the developer console.", valueName: "id"))
    var appId: String?

    @Option(
        name: .customLong("app"), help: ArgumentHelp("The store app that the tenant installed.", valueName: "name"),
        completion: .app)
    var storeApp: String?

    @Option(help: ArgumentHelp("The tenant's tenant_key for the store app.", valueName: "key"))
    var tenantKey: String?

    @OptionGroup var app: AppOptions

    @Option(help: .quota, transform: { try RequestRate($0) })
    var quota: RequestRate?

    @Option(help: .monthQuota, transform: { try MonthQuotaOption($0) })
    var monthQuota: MonthQuotaOption?

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    var subject: TenantName? { try? TenantName(name) }

    func run() async throws {
        // The prompt for the secret changes the terminal.
        try await SignalHandling.cancelOnSignal(changesTerminal: true) { try await add() }
    }

    private func add() async throws {
        let tenant = try TenantName(name)
        let store =
            switch (appId, storeApp, tenantKey) {
            case (let id?, nil, nil):
                try await addCustom(tenant, appID: AppID(id))
            case (nil, let app?, let key?):
                try await addInstalled(tenant, app: AppName(app), tenantKey: TenantKey(key))
            default:
                throw CommandError(
                    description: "a tenant needs exactly one app",
                    remedy: "Give a custom app with --app-id ID, or a store app with --app NAME --tenant-key KEY")
            }
        try TenantLine.write("added", try await store.tenant(tenant), asJSON: json)
    }

    private func addCustom(_ tenant: TenantName, appID: AppID) async throws -> Store {
        let host = try app.namedHost() ?? .lark
        let existing = try await store.openIfAny()
        try await existing?.checkIsNew(tenant)
        let custom = try await app.credentials(appID, at: host)
        let store = if let existing { existing } else { try await store.open(.createIfMissing) }
        let token = try await app.verifiedToken(of: custom, isNew: true, countingIn: store)
        try await store.addTenant(
            tenant, app: custom, quota: quota ?? .standard, monthQuota: monthQuota?.calls, token: token)
        return store
    }

    private func addInstalled(_ tenant: TenantName, app name: AppName, tenantKey: TenantKey) async throws -> Store {
        guard !app.namesSecret, app.host == nil, monthQuota == nil else {
            throw CommandError(
                description: "secret, host and month quota belong to the store app, not to the tenant",
                remedy: "Change them with larkimg app update \(name)")
        }
        let store = try await store.open()
        try await store.checkIsNew(tenant)
        let token = app.noVerify ? nil : try await verifiedToken(of: tenantKey, in: name, store)
        try await store.addTenant(tenant, app: name, tenantKey: tenantKey, quota: quota ?? .standard, token: token)
        return store
    }

    private func verifiedToken(
        of tenantKey: TenantKey, in app: AppName, _ store: Store
    ) async throws -> TenantAccessToken {
        do {
            return try await CommandContext.withClient(self.app.network) { client in
                try await CommandContext.provider(store, client).token(of: tenantKey, in: app)
            }
        } catch let error as LarkError {
            let advice = Failure(error, tenant: subject).remedy.map { "\($0). " } ?? ""
            throw error.withRemedy(
                Remedy("\(advice)The tenant was not added; --no-verify adds it without asking the platform"))
        }
    }
}

extension ArgumentHelp {
    /// The help of `--quota`.
    static let quota = ArgumentHelp(
        "The platform's rate limit for the app: 50/s,1000/m, one of the two, or none.", valueName: "rate")
}
