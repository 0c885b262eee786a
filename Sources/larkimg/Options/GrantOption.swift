import ArgumentParser
import LarkAPI

/// The tenants of a client.
struct GrantOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The client's tenants, separated by commas; '' for none.", valueName: "a,b"))
    var tenants: String

    /// The names.
    ///
    /// - Throws: ``InvalidValue``.
    func names() throws -> [TenantName] {
        guard !tenants.isEmpty else { return [] }
        return try tenants.split(separator: ",", omittingEmptySubsequences: false).map { try TenantName(String($0)) }
    }
}
