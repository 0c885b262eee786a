import ArgumentParser
import LarkAPI

/// Prints a tenant_access_token.
struct TokenCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a tenant_access_token, from the cache if it is valid long enough.",
        discussion: """
            Do not put the token into a program's arguments, where other users can see it.

            EXAMPLE
              larkimg token --tenant acme
              larkimg token --tenant acme --format header |
                curl -H @- https://open.larksuite.com/open-apis/bot/v3/info
              env=$(larkimg token --tenant acme --format env) && eval "$env"
              printf %s "$REJECTED" | larkimg token --tenant acme --reject -
            """
    )

    @OptionGroup var token: TokenOptions

    @Flag(help: "Ask the platform even if the cached token is valid. It may return the same token.")
    var refresh = false

    @Option(help: "The token alone, an HTTP header, shell exports, JSON, or for curl -K or nginx.")
    var format: TokenFormat = .bare

    @Option(
        help: ArgumentHelp(
            "Read a token that the platform rejected from stdin, and invalidate exactly that one.", valueName: "-"))
    var reject: String?

    @Flag(name: .customLong("json"), help: .json)
    var jsonFlag = false

    var json: Bool { jsonFlag || format == .json }
    var subject: TenantName? { token.tenant.subject }

    func run() async throws {
        let tenant = try token.tenant.name()
        let minimum = try token.minimumLifetime()
        if let reject { return try await invalidate(reject, of: tenant) }
        let token = try await CommandContext.withTokens(token.source) { source, _ in
            guard refresh else { return try await source.tokens.token(for: tenant, goodFor: minimum) }
            guard let renewedToken = source.renewedToken else {
                throw CommandError(
                    description: "--refresh does not go with --auth-service",
                    remedy: "A token that the platform refused is renewed after --reject -")
            }
            return try await renewedToken(tenant)
        }
        try Terminal.write(try (json ? .json : format).text(token, of: tenant, at: Clocks.system.now()))
    }

    private func invalidate(_ input: String, of tenant: TenantName) async throws {
        guard input == "-" else {
            throw CommandError(
                description: "--reject takes only -, never a token as an argument",
                remedy: "Pass the token on stdin: printf %s \"$TOKEN\" | larkimg token --tenant \(tenant) --reject -")
        }
        let secret = try SecretInput.read(input, what: "token")
        // Only the text is compared; the expiry does not matter.
        guard let token = TenantAccessToken(secret.revealedText, expiresAt: Clocks.system.now()) else { return }
        let result = try await CommandContext.withTokens(self.token.source) { source, _ in
            try await source.tokens.reject(token, for: tenant)
        }
        guard result == .confirmed else { return }
        let advice =
            "The API that rejects it may not accept a tenant_access_token, or the app is not enabled in the tenant"
        Terminal.report(
            """
            larkimg: \(tenant): the platform has issued this token again after an earlier report, so it is valid
              \(Language.current.text(advice))

            """)
    }
}
