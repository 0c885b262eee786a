import ArgumentParser
import LarkAPI
import TokenStore

/// Changes a tenant's app.
struct TenantUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a tenant's app, secret, host or quota.",
        discussion: """
            Options that are not given keep their values. Unless only the quota is changed, the app is verified again, \
            cached tokens are no longer used, and a back-off after a refusal ends; for that, give no options at all.

            EXAMPLE
              larkimg tenant update acme --app-secret-file new-secret.txt
              larkimg tenant update acme --quota 100/s,3000/m
            """
    )

    @Argument(help: "The tenant's name.")
    var name: String

    @Option(help: ArgumentHelp("The new app_id.", valueName: "id"))
    var appId: String?

    @OptionGroup var app: AppOptions
    @OptionGroup var quota: QuotaOption
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let tenant = try TenantName(name)
            let newID = try appId.map { try AppID($0) }
            let newHost = try app.namedHost()
            let newQuota = try quota.rate()
            let store = try await Store.open(at: store.location())
            if let newQuota, newID == nil, newHost == nil, app.appSecretFile == nil {
                try await store.setQuota(newQuota, of: tenant)
                return try await writeSummary(of: tenant, in: store)
            }
            var custom = try await store.credentials(of: tenant)
            if let newID { custom.appID = newID }
            if let newHost { custom.host = newHost }
            if let file = app.appSecretFile { custom.appSecret = try SecretInput.read(file, what: "app_secret") }
            let changed = custom
            try await AppVerification.wrappingErrors(of: tenant, appID: changed.appID, asJSON: output.json) {
                let token =
                    app.noVerify ? nil : try await AppVerification.token(for: changed, isNew: false, app.network)
                try await store.updateTenant(tenant, app: changed, token: token)
                if let newQuota { try await store.setQuota(newQuota, of: tenant) }
            }
            try await writeSummary(of: tenant, in: store)
        } catch let error where !(error is Failure) {
            throw Failure(error, asJSON: output.json)
        }
    }

    private func writeSummary(of tenant: TenantName, in store: Store) async throws {
        try TenantOutput.write(try await store.tenant(tenant), as: output.json ? .json : .line("updated"))
    }
}
