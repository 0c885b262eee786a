import ArgumentParser
import LarkAPI
import TokenStore

/// Removes a tenant.
struct TenantRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a tenant with its secret and tokens.",
        discussion: """
            EXAMPLE
              larkimg tenant remove acme
            """
    )

    @Argument(help: "The tenant's name.")
    var name: String

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let tenant = try TenantName(name)
            let store = try await Store.open(at: store.location())
            let summary = try await store.tenant(tenant)
            try await store.removeTenant(tenant)
            try TenantOutput.write(summary, as: output.json ? .json : .line("removed"))
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
