import ArgumentParser
import FoundationEssentials
import LarkAPI

/// The tenant of a command.
struct TenantOption: ParsableArguments {
    @Option(name: .long, help: ArgumentHelp("The tenant. (default: $LARKIMG_TENANT)", valueName: "name"))
    var tenant: String?

    /// The tenant's name, by option or environment.
    ///
    /// - Throws: ``UsageError`` if neither gives one; ``InvalidValue``.
    func name() throws -> TenantName {
        guard let name = try nameIfAny() else {
            throw UsageError(
                description: "no tenant is given",
                remedy: "Give one with --tenant or LARKIMG_TENANT; see larkimg tenant list"
            )
        }
        return name
    }

    /// The tenant's name, if option or environment give one.
    ///
    /// - Throws: ``InvalidValue``.
    func nameIfAny() throws -> TenantName? {
        let environment = ProcessInfo.processInfo.environment["LARKIMG_TENANT"] ?? ""
        return try (tenant ?? (environment.isEmpty ? nil : environment)).map { try TenantName($0) }
    }
}
