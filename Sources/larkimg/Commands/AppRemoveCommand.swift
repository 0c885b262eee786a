import ArgumentParser
import LarkAPI
import TokenStore

/// Removes a store app.
struct AppRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a store app with its secrets, ticket and tokens. Remove its tenants first.",
        discussion: """
            EXAMPLE
              larkimg app remove shop
            """
    )

    @Argument(help: "The app's name.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try AppName(name)
            let store = try await Store.open(at: store.location())
            let summary = try await store.app(name)
            try await store.removeApp(name)
            try AppOutput.write(summary, as: output.json ? .json : .line("removed"))
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
