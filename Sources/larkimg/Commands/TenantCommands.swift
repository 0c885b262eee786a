import ArgumentParser
import LarkAPI
import TokenStore

/// The group of commands for tenants.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Manage tenants and their apps. Secrets and tokens are never printed.",
        discussion: """
            EXAMPLE
              larkimg tenant add acme --app-id cli_a1b2c3
            """,
        subcommands: [
            TenantAddCommand.self, TenantListCommand.self, TenantShowCommand.self, TenantUpdateCommand.self,
            TenantRemoveCommand.self, TenantImportCommand.self,
        ]
    )
}

/// Lists the tenants.
struct TenantListCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tenants.",
        discussion: """
            EXAMPLE
              larkimg tenant list --json
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let tenants = try await store.openIfAny()?.tenants() ?? []
        if json {
            for tenant in tenants { try Terminal.write(JSONLine.text(TenantLine(tenant))) }
        } else if tenants.isEmpty {
            TenantLine.reportNone()
        } else {
            let rows = tenants.map {
                [$0.name.text, $0.appID.text, $0.host.description, TokenExpiry.text($0.tokenExpiresAt)]
            }
            try Terminal.write(Table.text([["NAME", "APP_ID", "HOST", "TOKEN"]] + rows))
        }
    }
}

/// Shows one tenant.
struct TenantShowCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a tenant: app, host, quota, token, last error.",
        discussion: """
            EXAMPLE
              larkimg tenant show acme
            """
    )

    @Argument(help: "The tenant's name.", completion: .tenant)
    var name: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let store = try await store.open()
        let tenant = try await store.tenant(TenantName(name))
        // A reference that does not open must not hide the rest; larkimg store check reports it.
        let reference = tenant.app == nil ? (try? await store.secretReference(of: tenant.name)) ?? nil : nil
        try Terminal.write(
            json
                ? JSONLine.text(TenantLine(tenant, secretReference: reference))
                : tenant.details(secretReference: reference))
    }
}

/// Changes a tenant's app.
struct TenantUpdateCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a tenant's app, secret, host or quota.",
        discussion: """
            Options that are not given keep their values. Unless only quotas are changed, the app is verified again, \
            cached tokens are no longer used, and a back-off after a refusal ends; for that, give no options at all, \
            for example after the secret behind a reference has changed. The month quota belongs to the app: that of \
            a store app is changed with larkimg app update.

            EXAMPLE
              larkimg tenant update acme --app-secret-file new-secret.txt
              larkimg tenant update acme --quota 100/s,3000/m
              larkimg tenant update acme --month-quota 10000
            """
    )

    @Argument(help: "The tenant's name.", completion: .tenant)
    var name: String

    @Option(help: ArgumentHelp("The new app_id.", valueName: "id"))
    var appId: String?

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
        let tenant = try TenantName(name)
        let newID = try appId.map { try AppID($0) }
        let newHost = try app.namedHost()
        let store = try await store.open()
        let changesQuotas = quota != nil || monthQuota != nil
        if !changesQuotas || newID != nil || newHost != nil || app.namesSecret {
            let old = try await store.tenant(tenant)
            // A stored secret is opened only if it is kept: a damaged one can be replaced.
            var changed =
                if old.app == nil, app.namesSecret {
                    try await app.credentials(old.appID, at: old.host)
                } else {
                    try await store.credentials(of: tenant, readsReference: !app.noVerify)
                }
            changed.appID = newID ?? old.appID
            changed.host = newHost ?? old.host
            let token = try await app.verifiedToken(of: changed, isNew: false, countingIn: store)
            try await store.updateTenant(tenant, app: changed, token: token)
        }
        if let monthQuota { try await store.setMonthQuota(monthQuota.calls, of: tenant) }
        if let quota { try await store.setQuota(quota, of: tenant) }
        try TenantLine.write("updated", try await store.tenant(tenant), asJSON: json)
    }
}

/// Removes a tenant.
struct TenantRemoveCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a tenant with its secret and tokens.",
        discussion: """
            EXAMPLE
              larkimg tenant remove acme
            """
    )

    @Argument(help: "The tenant's name.", completion: .tenant)
    var name: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try TenantName(name)
        let store = try await store.open()
        let tenant = try await store.tenant(name)
        try await store.removeTenant(name)
        try TenantLine.write("removed", tenant, asJSON: json)
    }
}
