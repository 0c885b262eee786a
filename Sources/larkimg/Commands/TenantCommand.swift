import ArgumentParser

/// The group of commands about tenants.
struct TenantCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Register tenants and their apps. Secrets and tokens are never printed.",
        subcommands: [
            TenantAddCommand.self, TenantListCommand.self, TenantShowCommand.self, TenantUpdateCommand.self,
            TenantRemoveCommand.self,
        ]
    )
}
