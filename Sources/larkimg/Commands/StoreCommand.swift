import ArgumentParser

/// The group of commands for the store.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Print the store's path, check it, or back it up.",
        discussion: """
            EXAMPLE
              larkimg store check
            """,
        subcommands: [StorePathCommand.self, StoreCheckCommand.self, StoreBackupCommand.self]
    )
}
