import ArgumentParser
import LarkAPI
import SystemPackage
import TokenStore

/// Copies the store.
struct StoreBackupCommand: AsyncParsableCommand {
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
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            try await store.backup(to: FilePath(file))
            try Terminal.write(
                output.json ? JSONLine.text(["backup": file]) : "\(TerminalText.visible(file, limit: 4096))\n")
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
