import ArgumentParser

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
            TenantRemoveCommand.self,
        ]
    )
}
