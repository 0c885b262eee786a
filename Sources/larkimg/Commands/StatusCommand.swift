import ArgumentParser
import AuthService
import AuthServiceClient
import LarkAPI
import TokenStore

/// Shows how all tenants stand.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how each tenant stands: its token, the last error, the quota used.",
        discussion: """
            It asks nobody but the store. A token is fresh with more than half an hour left, expiring with less, and \
            expired when it is dead. The quota is what was sent from here in the last minute: images, then what users sent.

            EXAMPLE
              larkimg status
              larkimg status --json | jq 'select(.token != "fresh")'
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let store = try await Store.open(at: store.location())
            let states = try await store.tenantStates()
            if output.json {
                for state in states { try Terminal.write(JSONLine.text(state)) }
            } else if !states.isEmpty {
                let head = ["TENANT", "TOKEN", "QUOTA", "LAST ERROR"]
                try Terminal.write(Table.text([head] + states.map(\.cells)))
            }
        } catch {
            throw Failure(error, asJSON: output.json)
        }
    }
}

extension TenantState {
    /// One row of the table.
    fileprivate var cells: [String] {
        let life = tokenExpiresIn.map { $0 > 0 ? ", \(TimeSpan.text(seconds: Double($0))) left" : "" } ?? ""
        let pause = retryAt.map { "; not asked before \($0)" } ?? ""
        return [
            tenant, token.rawValue + life, "\(quotaUsed.images) + \(quotaUsed.messageResources) of \(quota)",
            lastError.map { $0 + pause } ?? "",
        ]
    }
}
