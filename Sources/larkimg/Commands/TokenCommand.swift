import ArgumentParser
import AuthServiceClient
import LarkAPI

/// Prints a tenant_access_token.
struct TokenCommand: AsyncParsableCommand {
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

    /// How the token is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case bare
        case header
        case env
        case json
    }

    @OptionGroup var tenant: TenantOption

    @OptionGroup var life: TokenLifeOption

    @Flag(help: "Ask the platform even if the cached token is valid. It may return the same token.")
    var refresh = false

    @Option(help: "The token alone, an HTTP header, shell exports, or JSON.")
    var format: Format = .bare

    @Option(
        help: ArgumentHelp(
            "Read a token that the platform rejected from stdin, and invalidate exactly that one.", valueName: "-"))
    var reject: String?

    @OptionGroup var source: SourceOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        let format = output.json ? Format.json : format
        var name: TenantName?
        do {
            let tenant = try tenant.name()
            name = tenant
            let life = try life.duration()
            if let reject { return try await invalidate(reject, of: tenant) }
            let token = try await CommandContext.withTokens(source) { source, _ in
                guard refresh else { return try await source.tokens.token(for: tenant, goodFor: life) }
                guard let renewedToken = source.renewedToken else {
                    throw UsageError(
                        description: "--refresh does not go with --auth-service",
                        remedy: "A token that the platform refused is renewed after --reject -")
                }
                return try await renewedToken(tenant)
            }
            try Terminal.write(try text(token, tenant: tenant, format: format))
        } catch {
            throw Failure(error, tenant: name, asJSON: format == .json)
        }
    }

    private func invalidate(_ input: String, of tenant: TenantName) async throws {
        guard input == "-" else {
            throw UsageError(
                description: "--reject takes only -, never a token as an argument",
                remedy: "Pass the token on stdin: printf %s \"$TOKEN\" | larkimg token --tenant \(tenant) --reject -"
            )
        }
        let secret = try SecretInput.read(input, what: "token")
        // Only the text is compared; the expiry does not matter.
        guard let token = TenantAccessToken(secret.revealedText, expiresAt: Clocks.system.now()) else { return }
        let result = try await CommandContext.withTokens(source) { source, _ in
            try await source.tokens.reject(token, for: tenant)
        }
        guard result == .confirmed else { return }
        Terminal.report(
            """
            larkimg: \(tenant): the platform has issued this token again after an earlier report, so it is valid
              The API that rejects it may not accept a tenant_access_token, or the app is not enabled in the tenant

            """)
    }

    private func text(_ token: TenantAccessToken, tenant: TenantName, format: Format) throws -> String {
        let secret = token.secret.revealedText
        switch format {
        case .bare:
            return "\(secret)\n"
        case .header:
            return "Authorization: Bearer \(secret)\n"
        case .env:
            return TokenEnvironment.variables(token).map { "export \($0.name)=\(ShellWord.quoted($0.value))\n" }
                .joined()
        case .json:
            return try JSONLine.text(TokenResponse(token, tenant: tenant, at: Clocks.system.now()))
        }
    }
}

/// Text for a POSIX shell.
private enum ShellWord {
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
