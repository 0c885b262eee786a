import ArgumentParser
import LarkAPI
import SystemPackage
import TokenStore

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
                output.json ? JSONLine.text(["backup": file]) : "\(TerminalText.visible(file, limit: 4096))\n")
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
