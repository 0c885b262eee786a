import ArgumentParser
import LarkAPI
import TokenStore

/// Registers a client.
struct ClientAddCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a client and print its secret. It is shown only once.",
        discussion: """
            On the client, keep the secret in a file of mode 0600 and name the file in $LARKIMG_AUTH_SECRET_FILE.

            EXAMPLE
              larkimg client add reports --tenants acme,globex --expires 90d
            """
    )

    @Argument(help: "A name for the client.")
    var name: String

    @OptionGroup var grant: GrantOption
    @OptionGroup var life: LifetimeOption
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let name = try ClientName(name)
            let (tenants, lifetime) = (try grant.names(), try life.lifetime())
            let store = try await Store.open(at: store.location())
            let secret = try await store.addClient(name, tenants: tenants, lifetime: lifetime)
            try ClientOutput.write(secret, of: name, asJSON: output.json)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
