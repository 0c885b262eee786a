import ArgumentParser
import TokenStore

/// Lists the tenants.
struct TenantListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the tenants.",
        discussion: """
            EXAMPLE
              larkimg tenant list --json
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            try TenantOutput.write(try await store.tenants(), asJSON: output.json)
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}
