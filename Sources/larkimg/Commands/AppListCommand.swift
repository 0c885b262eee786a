import ArgumentParser
import TokenStore

/// Lists the store apps.
struct AppListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the store apps.",
        discussion: """
            EXAMPLE
              larkimg app list --json
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            try AppOutput.write(try await store.apps(), asJSON: output.json)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
