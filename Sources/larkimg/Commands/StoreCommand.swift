import ArgumentParser

/// The group of commands about the store itself.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Look after the store: where it is, whether it is sound, a backup of it.",
        discussion: """
            EXAMPLE
              larkimg store check
            """,
        subcommands: [StorePathCommand.self, StoreCheckCommand.self, StoreBackupCommand.self]
    )
}
