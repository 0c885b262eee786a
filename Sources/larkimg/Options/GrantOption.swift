import ArgumentParser
import LarkAPI

/// Whose tokens a client may have.
struct GrantOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The tenants whose tokens it may have, with commas between them; '' for none.", valueName: "a,b"))
    var tenants: String

    /// The names.
    ///
    /// - Throws: ``InvalidValue``.
    func names() throws -> [TenantName] {
        guard !tenants.isEmpty else { return [] }
        return try tenants.split(separator: ",", omittingEmptySubsequences: false).map { try TenantName(String($0)) }
    }
}
