import ArgumentParser
import LarkAPI
import SystemPackage
import TokenStore

/// Replaces the key of the store.
struct StoreRotateKeyCommand: AsyncParsableCommand {
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
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            let damaged = try await store.rotateKey()
            let key = store.location.key.string
            if output.json {
                try Terminal.write(JSONLine.text(RotationLine(key: key, damaged: damaged)))
            } else {
                let rest = damaged == 0 ? "" : "; \(damaged) values were damaged before, see larkimg store check"
                try Terminal.write("\(TerminalText.visible(key, limit: 4096))\(rest)\n")
            }
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }

    private struct RotationLine: Encodable {
        let key: String
        let damaged: Int
    }
}
