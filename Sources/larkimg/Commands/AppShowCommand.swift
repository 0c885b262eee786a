import ArgumentParser
import LarkAPI
import TokenStore

/// Shows one store app.
struct AppShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a store app: host, ticket, token, the tenants that installed it, last error.",
        discussion: """
            EXAMPLE
              larkimg app show shop
            """
    )

    @Argument(help: "The app's name.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            try AppOutput.write(try await store.app(AppName(name)), as: output.json ? .json : .details)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
