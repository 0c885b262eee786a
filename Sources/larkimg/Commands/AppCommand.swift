import ArgumentParser

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
