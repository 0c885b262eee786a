import ArgumentParser
import AuthService
import AuthServiceClient
import LarkAPI
import TokenStore

/// Shows the state of all tenants.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show each tenant's state: token, quota used, last error.",
        discussion: """
            Reads the store only. A token is fresh with more than 30 minutes left, else expiring or expired. The quota \
            column counts requests of the last minute: images, then message resources.

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
    private func count(_ requests: Int?) -> String { requests.map(String.init) ?? "?" }

    /// One row of the table.
    fileprivate var cells: [String] {
        let life = tokenExpiresIn.map { $0 > 0 ? ", \(TimeSpan.text(seconds: Double($0))) left" : "" } ?? ""
        let pause = retryAt.map { "; next try at \($0)" } ?? ""
        return [
            tenant, token.rawValue + life,
            "\(count(quotaUsed.images)) + \(count(quotaUsed.messageResources)) of \(quota)",
            lastError.map { $0 + pause } ?? "",
        ]
    }
}
