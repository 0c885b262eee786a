import ArgumentParser
import FoundationEssentials
import LarkAPI
import SystemPackage
import TokenStore

/// The group of commands for the store.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Print the store's path, check it, back it up, copy it, or replace its key.",
        discussion: """
            EXAMPLE
              larkimg store check
            """,
        subcommands: [
            StorePathCommand.self, StoreCheckCommand.self, StoreBackupCommand.self, StoreCopyCommand.self,
            StoreRotateKeyCommand.self,
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

    func run() async throws {
        try await store.open().check().write(asJSON: json, sound: "sound")
    }
}

extension StoreCheck {
    private struct Line: Encodable {
        let tenants: Int
        let findings: [String]
    }

    /// Writes what was found to stdout.
    ///
    /// - Parameter sound: what a store without problems is called.
    /// - Throws: `ExitCode` 78 if there are problems.
    fileprivate func write(asJSON: Bool, sound: String) throws {
        if asJSON {
            try Terminal.write(JSONLine.text(Line(tenants: tenants, findings: findings)))
        } else {
            let verdict = findings.isEmpty ? sound : "not sound"
            try Terminal.write("\(verdict): \(tenants.of("tenant"))\n" + findings.map { "  \($0)\n" }.joined())
        }
        if !findings.isEmpty { throw ExitCode(ExitStatus.configuration) }
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

    @Argument(help: "The file to create; it must not exist.", completion: .file())
    var file: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        try await store.open().backup(to: FilePath(file))
        try Terminal.write(json ? JSONLine.text(["backup": file]) : "\(TerminalText.visible(file, limit: 4096))\n")
    }
}

/// Copies the store to another place, of either kind.
struct StoreCopyCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy a store to another place: from a file to a PostgreSQL server, or back.",
        discussion: """
            Apps, tenants, clients, secrets and tokens are copied, and each is checked in the copy. Both stores have the \
            same key. Stop the programs that use the store first: what they write later is not in the copy. If the copy \
            is interrupted, run the same command again.

            EXAMPLE
              larkimg store copy /var/lib/larkimg/store.sqlite \\
                  postgres://larkimg@db1.example/larkimg
            """
    )

    @Argument(help: ArgumentHelp("The store to copy.", valueName: "path|url"), completion: .file())
    var from: String

    @Argument(
        help: ArgumentHelp("A file that does not exist, or an empty database.", valueName: "path|url"),
        completion: .file())
    var to: String

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let source = try StoreLocation(store: from, environment: environment)
        let target = try StoreLocation(store: to, environment: environment)
        try await Store.open(at: source).copy(to: target).write(asJSON: json, sound: "copied")
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
