import ArgumentParser
import LarkAPI
import TokenStore

/// Changes what a client may have.
struct ClientUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change whose tokens a client may have.",
        discussion: """
            EXAMPLE
              larkimg client update reports --tenants acme
            """
    )

    @Argument(help: "The client's name.")
    var name: String

    @OptionGroup var grant: GrantOption
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try ClientName(name)
            let tenants = try grant.names()
            try await Store.open(at: store.location()).updateClient(name, tenants: tenants)
            try ClientOutput.write("updated", name, asJSON: output.json)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
