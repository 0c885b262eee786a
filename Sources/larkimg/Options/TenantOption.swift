import ArgumentParser
import FoundationEssentials
import LarkAPI

/// Whose token is meant.
struct TenantOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The tenant. (default: $LARKIMG_TENANT)", valueName: "name"))
    var tenant: String?

    /// The tenant's name, by option or environment.
    ///
    /// - Throws: ``UsageError`` when neither says; ``InvalidWord``.
    func name() throws -> TenantName {
        let environment = ProcessInfo.processInfo.environment["LARKIMG_TENANT"] ?? ""
        guard let text = tenant ?? (environment.isEmpty ? nil : environment) else {
            throw UsageError(
                description: "no tenant is named",
                remedy: "Name one with --tenant or LARKIMG_TENANT; see larkimg tenant list"
            )
        }
        return try TenantName(text)
    }
}
