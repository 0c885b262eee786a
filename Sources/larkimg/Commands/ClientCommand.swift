import ArgumentParser

/// The group of commands for clients of the auth service.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Manage who may use the auth service over TCP, and for which tenants.",
        discussion: """
            A client's secret is shown once; only its digest is stored. Changes take effect within a second.

            EXAMPLE
              larkimg client add reports --tenants acme,globex --expires 90d
              larkimg token --auth-service https://tokens.example.com:8443 \\
                --tenant acme
            """,
        subcommands: [
            ClientAddCommand.self, ClientListCommand.self, ClientUpdateCommand.self, ClientRotateCommand.self,
            ClientRemoveCommand.self,
        ]
    )
}
