import ArgumentParser
import LarkAPI
import TokenStore

/// Changes a client's tenants.
struct ClientUpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change the tenants whose tokens a client may get.",
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
