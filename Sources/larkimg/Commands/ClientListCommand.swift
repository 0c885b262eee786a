import ArgumentParser
import TokenStore

/// Lists the clients.
struct ClientListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the clients, their tenants, and when their secrets expire.",
        discussion: """
            EXAMPLE
              larkimg client list --json
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            try ClientOutput.write(try await store.clients(), asJSON: output.json)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
