import ArgumentParser
import LarkAPI
import SystemPackage
import TokenStore

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

/// Says where the store is.
struct StorePathCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "path",
        abstract: "Print the store's path.",
        discussion: """
            EXAMPLE
              larkimg store path --json
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() throws {
        do {
            let location = try store.location()
            try Terminal.write(
                output.json
                    ? JSONLine.text(["store": location.store.string, "key": location.key.string])
                    : "\(location.store)\n")
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}

/// Reads the whole store.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the whole store: its integrity, and every seal. Ends with 78 when something is wrong.",
        discussion: """
            EXAMPLE
              larkimg store check
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        let check: StoreCheck
        do {
            check = try await Store(at: store.location()).check()
            if output.json {
                try Terminal.write(JSONLine.text(CheckLine(tenants: check.tenants, findings: check.findings)))
            } else {
                let verdict = check.findings.isEmpty ? "sound" : "not sound"
                try Terminal.write(
                    "\(verdict): \(check.tenants) tenants\n" + check.findings.map { "  \($0)\n" }.joined())
            }
        } catch {
            throw Failure(error, asJSON: output.json)
        }
        if !check.findings.isEmpty { throw ExitCode(ExitStatus.configuration) }
    }

    private struct CheckLine: Encodable {
        let tenants: Int
        let findings: [String]
    }
}

/// Copies the store.
struct StoreBackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy the store while it is in use. The copy is sealed with the same key: keep that too, elsewhere.",
        discussion: """
            EXAMPLE
              larkimg store backup /var/backups/larkimg-$(date +%F).sqlite
            """
    )

    @Argument(help: "The file to make; it must not be there yet.")
    var file: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            try Store(at: store.location()).backup(to: FilePath(file))
            try Terminal.write(
                output.json ? JSONLine.text(["backup": file]) : "\(DisplayText.visible(file, limit: 4096))\n")
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
