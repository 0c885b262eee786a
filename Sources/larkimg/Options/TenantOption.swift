import ArgumentParser
import FoundationEssentials
import LarkAPI

/// The tenant of a command.
struct TenantOption: ParsableArguments {
    @Option(help: ArgumentHelp("The tenant. (default: $LARKIMG_TENANT)", valueName: "name"), completion: .tenant)
    var tenant: String?

    /// The tenant's name, by option or environment.
    ///
    /// - Throws: ``CommandError`` if neither gives one; ``InvalidValue``.
    func name() throws -> TenantName {
        guard let name = try nameIfAny() else {
            throw CommandError(
                description: "no tenant is given",
                remedy: "Give one with --tenant or LARKIMG_TENANT; see larkimg tenant list")
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

    /// The tenant's name if it is a valid one, for errors.
    var subject: TenantName? { try? nameIfAny() }
}

extension ArgumentHelp {
    /// The help of `--min-ttl`.
    static let minTtl = ArgumentHelp(
        "How long the token must be valid at least, 0 to 30m: 90, 90s, 5m. (default: 5m)", valueName: "duration")
}

/// Which token is needed, and where it comes from.
struct TokenOptions: ParsableArguments {
    /// The platform returns the same token until 30 minutes of it are left, so more cannot be promised.
    private static let longestMinimum = 1800
    static let defaultMinimum = Duration.seconds(300)

    @OptionGroup var tenant: TenantOption

    @Option(help: .minTtl)
    var minTtl: String?

    @OptionGroup var source: SourceOptions

    /// For how long the token must be valid.
    ///
    /// - Throws: ``CommandError`` out of bounds.
    func minimumLifetime() throws -> Duration { try Self.minimumLifetime(minTtl) }

    /// Reads the value of `--min-ttl`.
    ///
    /// - Throws: ``CommandError`` out of bounds.
    static func minimumLifetime(_ minTtl: String?) throws -> Duration {
        guard let minTtl else { return Self.defaultMinimum }
        guard let seconds = NumberText.value(minTtl, units: NumberText.seconds),
            (0...Self.longestMinimum).contains(seconds)
        else {
            throw CommandError(
                description:
                    "--min-ttl must be between 0 and \(Self.longestMinimum) seconds (30m), not "
                    + TerminalText.visible(minTtl, limit: 40),
                remedy:
                    "The platform returns the same token until 30 minutes of it are left, so more cannot be promised")
        }
        return .seconds(seconds)
    }
}
