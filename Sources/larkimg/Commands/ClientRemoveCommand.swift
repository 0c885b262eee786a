import ArgumentParser
import LarkAPI
import TokenStore

/// Removes a client.
struct ClientRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a client and its secrets.",
        discussion: """
            Tokens that the client already has stay valid until they expire, at most two hours.

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
