import ArgumentParser

/// The group of commands for the store.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Print the store's path, check it, back it up, or replace its key.",
        discussion: """
            EXAMPLE
              larkimg store check
            """,
        subcommands: [
            StorePathCommand.self, StoreCheckCommand.self, StoreBackupCommand.self, StoreRotateKeyCommand.self,
        ]
    )
}
