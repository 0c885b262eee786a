import ArgumentParser
import LarkAPI
import TokenStore

/// The group of commands for store apps.
struct AppCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "app",
        abstract: "Manage store apps, which many tenants install. Secrets and tickets are never printed.",
        discussion: """
            The custom app of a single tenant is registered with larkimg tenant add. A store app needs the app_ticket \
            that the platform pushes to its event address every hour; larkimg serve receives it.

            EXAMPLE
              larkimg app add shop --app-id cli_a1b2c3 --app-secret-file secret.txt
              larkimg tenant add acme --app shop --tenant-key 73658811060f175d
            """,
        subcommands: [
            AppAddCommand.self, AppListCommand.self, AppShowCommand.self, AppUpdateCommand.self,
            AppRemoveCommand.self, AppTicketCommand.self,
        ]
    )
}

/// Registers a store app.
struct AppAddCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a store app.",
        discussion: """
            The app_secret is read from --app-secret-file, else from $LARKIMG_APP_SECRET, else from a prompt; \
            --app-secret-from stores only where it is, as larkimg tenant add does. It is verified by asking the platform to push an app_ticket, unless --no-verify is given. The name is also the \
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

    @Option(help: .monthQuota, transform: { try MonthQuotaOption($0) })
    var monthQuota: MonthQuotaOption?

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        // The prompt for the secret changes the terminal.
        try await SignalHandling.cancelOnSignal(changesTerminal: true) { try await add() }
    }

    private func add() async throws {
        let name = try AppName(name)
        let appID = try AppID(appId)
        let host = try app.namedHost() ?? .lark
        let existing = try await store.openIfAny()
        try await existing?.checkIsNew(name)
        let credentials = try await app.credentials(appID, at: host)
        let settings = try events.settings()
        let store = if let existing { existing } else { try await store.open(.createIfMissing) }
        try await app.verifyByTicket(credentials, isNew: true, countingIn: store)
        try await store.addApp(name, credentials, settings: settings, monthQuota: monthQuota?.calls)
        try AppLine.write("added", try await store.app(name), asJSON: json)
    }
}

/// Lists the store apps.
struct AppListCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the store apps.",
        discussion: """
            EXAMPLE
              larkimg app list --json
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let apps = try await store.openIfAny()?.apps() ?? []
        if json {
            for app in apps { try Terminal.write(JSONLine.text(AppLine(app))) }
        } else if apps.isEmpty {
            Terminal.note("there are no store apps; to register one: larkimg app add NAME --app-id ID")
        } else {
            let rows = apps.map {
                [$0.name.text, $0.appID.text, $0.host.description, "\($0.tenants)", $0.eventsText, $0.ticketText]
            }
            try Terminal.write(Table.text([["NAME", "APP_ID", "HOST", "TENANTS", "EVENTS", "TICKET"]] + rows))
        }
    }
}

/// Shows one store app.
struct AppShowCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a store app: host, ticket, token, tenants, last error.",
        discussion: """
            The tenants that installed the app are those that its events reported to larkimg serve.

            EXAMPLE
              larkimg app show shop
            """
    )

    @Argument(help: "The app's name.", completion: .app)
    var name: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try AppName(name)
        let store = try await store.open()
        let app = try await store.app(name)
        let tenants = try await store.tenants().filter { $0.app == name }
        // A reference that does not open must not hide the rest; larkimg store check reports it.
        let reference = (try? await store.secretReference(of: name)) ?? nil
        try Terminal.write(
            json
                ? JSONLine.text(AppLine(app, tenants: tenants, secretReference: reference))
                : app.details(tenants, secretReference: reference))
    }
}

/// Changes a store app.
struct AppUpdateCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a store app's secret, host or event settings; also ends a back-off.",
        discussion: """
            Options that are not given keep their values. Unless only the month quota is changed, cached tokens are no \
            longer used.

            EXAMPLE
              larkimg app update shop --app-secret-file new-secret.txt
              larkimg app update shop --month-quota 10000
            """
    )

    @Argument(help: "The app's name.", completion: .app)
    var name: String

    @Option(help: ArgumentHelp("The new app_id.", valueName: "id"))
    var appId: String?

    @OptionGroup var app: AppOptions
    @OptionGroup var events: EventOptions

    @Option(help: .monthQuota, transform: { try MonthQuotaOption($0) })
    var monthQuota: MonthQuotaOption?

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    /// Whether something is changed that the platform knows, or a back-off is to be ended.
    private var changesApp: Bool {
        monthQuota == nil || appId != nil || app.host != nil || app.appSecretFile != nil || events.isGiven
    }

    func run() async throws {
        let name = try AppName(name)
        let store = try await store.open()
        if changesApp { try await update(name, store) }
        if let monthQuota { try await store.setMonthQuota(monthQuota.calls, of: name) }
        try AppLine.write("updated", try await store.app(name), asJSON: json)
    }

    private func update(_ name: AppName, _ store: Store) async throws {
        let newID = try appId.map { try AppID($0) }
        let newHost = try app.namedHost()
        let old = try await store.app(name)
        // Stored secrets are opened only if they are kept: damaged ones can be replaced.
        var changed =
            if app.namesSecret {
                try await app.credentials(old.appID, at: old.host)
            } else {
                try await store.credentials(of: name, readsReference: !app.noVerify)
            }
        changed.appID = newID ?? old.appID
        changed.host = newHost ?? old.host
        let settings = try await store.eventSettings(of: name, replacing: events.settings())
        try await app.verifyByTicket(changed, isNew: false, countingIn: store)
        try await store.updateApp(name, changed, settings: settings)
    }
}

/// Removes a store app.
struct AppRemoveCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a store app with its secrets, ticket and tokens. Remove its tenants first.",
        discussion: """
            EXAMPLE
              larkimg app remove shop
            """
    )

    @Argument(help: "The app's name.", completion: .app)
    var name: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try AppName(name)
        let store = try await store.open()
        let app = try await store.app(name)
        try await store.removeApp(name)
        try AppLine.write("removed", app, asJSON: json)
    }
}

/// The group of commands for app_tickets.
struct AppTicketCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ticket",
        abstract: "Store an app_ticket that another program received.",
        discussion: """
            EXAMPLE
              larkimg app ticket set shop --file ticket.txt
            """,
        subcommands: [AppTicketSetCommand.self]
    )
}

/// Stores a ticket.
struct AppTicketSetCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Store an app_ticket that another program received at the app's event address.",
        discussion: """
            Not needed if larkimg serve receives the app's events. The ticket counts as issued now.

            EXAMPLE
              printf %s "$TICKET" | larkimg app ticket set shop --file -
            """
    )

    @Argument(help: "The app's name.", completion: .app)
    var name: String

    @Option(
        help: ArgumentHelp("Read the app_ticket from this file, or from stdin with '-'.", valueName: "file|-"),
        completion: .file())
    var file: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try AppName(name)
        let store = try await store.open()
        let ticket = try SecretInput.read(file, what: "app_ticket")
        guard ticket.isPossibleTicket else {
            throw CommandError(
                description: "the text cannot be an app_ticket",
                remedy: "Provide the value of app_ticket in the event of that type, not the event, a secret or a token")
        }
        try await store.setTicket(ticket, of: name)
        try AppLine.write("ticket set for", try await store.app(name), asJSON: json)
    }
}

extension Secret {
    /// Whether the text is not something else: a token, a secret of ours, an app_id, an event, a word. The platform does
    /// not document the form of a ticket.
    fileprivate var isPossibleTicket: Bool {
        let others = ["t-", "a-", "u-", "lkc_", "cli_", "{", "\""]
        return revealedText.count >= 10 && !others.contains(where: revealedText.hasPrefix)
    }
}
