import ArgumentParser

/// The group of commands about clients of the service.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Register who may ask the auth service over TCP, and for which tenants.",
        discussion: """
            A client's secret is shown once and kept as a digest alone. A change holds a second later.

            EXAMPLE
              larkimg client add reports --tenants acme,globex --expires 90d > secret.txt
              larkimg token --auth-service https://tokens.example.com:8443 --tenant acme
            """,
        subcommands: [
            ClientAddCommand.self, ClientListCommand.self, ClientUpdateCommand.self, ClientRotateCommand.self,
            ClientRemoveCommand.self,
        ]
    )
}
