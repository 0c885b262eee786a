import ArgumentParser
import LarkAPI
import SystemPackage
import TokenStore

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

/// Prints the store's path.
struct StorePathCommand: ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the store's path.",
        discussion: """
            EXAMPLE
              larkimg store path --json
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() throws {
        let location = try store.location()
        try Terminal.write(
            json
                ? JSONLine.text(["store": location.name, "key": location.key.string])
                : "\(location.name)\n")
    }
}

/// Checks the whole store.
struct StoreCheckCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the whole store, every sealed value included. The status is 78 if it is damaged.",
        discussion: """
            EXAMPLE
              larkimg store check
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    private struct CheckLine: Encodable {
        let tenants: Int
        let findings: [String]
    }

    func run() async throws {
        let check = try await store.open().check()
        if json {
            try Terminal.write(JSONLine.text(CheckLine(tenants: check.tenants, findings: check.findings)))
        } else {
            let verdict = check.findings.isEmpty ? "sound" : "not sound"
            try Terminal.write("\(verdict): \(check.tenants) tenants\n" + check.findings.map { "  \($0)\n" }.joined())
        }
        if !check.findings.isEmpty { throw ExitCode(ExitStatus.configuration) }
    }
}

/// Copies the store.
struct StoreBackupCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store while it is in use. Back up the key too, in another place.",
        discussion: """
            EXAMPLE
              larkimg store backup /var/backups/larkimg-$(date +%F).sqlite
            """
    )

    @Argument(help: "The file to create; it must not exist.")
    var file: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        try await store.open().backup(to: FilePath(file))
        try Terminal.write(json ? JSONLine.text(["backup": file]) : "\(TerminalText.visible(file, limit: 4096))\n")
    }
}

/// Replaces the key of the store.
struct StoreRotateKeyCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key",
        abstract: "Replace the key, and seal the whole store with the new one.",
        discussion: """
            The new key is written to the key file. Processes that use the store, a service too, go on with the new \
            key; one that reads the key from a systemd credential must be restarted with the new credential. Backups \
            made before still need the old key: copy it first if you keep them, and make a new backup afterwards.

            EXAMPLE
              larkimg store rotate-key
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    private struct RotationLine: Encodable {
        let key: String
        let damaged: Int
    }

    func run() async throws {
        let store = try await store.open()
        let damaged = try await store.rotateKey()
        let key = store.location.key.string
        if json {
            try Terminal.write(JSONLine.text(RotationLine(key: key, damaged: damaged)))
        } else {
            let rest = damaged == 0 ? "" : "; \(damaged) values were damaged before, see larkimg store check"
            try Terminal.write("\(TerminalText.visible(key, limit: 4096))\(rest)\n")
        }
    }
}
