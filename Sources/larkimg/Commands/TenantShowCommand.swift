import ArgumentParser
import LarkAPI
import TokenStore

/// Shows one tenant.
struct TenantShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a tenant: app, host, quota, token, last error.",
        discussion: """
            EXAMPLE
              larkimg tenant show acme
            """
    )

    @Argument(help: "The tenant's name.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            try TenantOutput.write(try await store.tenant(TenantName(name)), as: output.json ? .json : .details)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
