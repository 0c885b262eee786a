import ArgumentParser
import LarkAPI
import TokenStore

/// Forgets a client.
struct ClientRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forget a client; its secrets open nothing any more.",
        discussion: """
            Tokens that it has already stay good until they end, two hours at most.

            EXAMPLE
              larkimg client remove reports
            """
    )

    @Argument(help: "The client's name.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try ClientName(name)
            try await Store.open(at: store.location()).removeClient(name)
            try ClientOutput.write("removed", name, asJSON: output.json)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
