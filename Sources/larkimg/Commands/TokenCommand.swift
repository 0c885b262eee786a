import ArgumentParser
import AuthServiceClient
import LarkAPI

/// Prints a tenant_access_token.
struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a tenant_access_token, from the cache where that will do.",
        discussion: """
            EXAMPLE
              larkimg token --tenant acme
              curl -H "$(larkimg token --tenant acme --format header)" https://open.larksuite.com/open-apis/…
              eval "$(larkimg token --tenant acme --format env)"
              printf %s "$REFUSED" | larkimg token --tenant acme --reject -
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

    @Flag(help: "Ask the platform even if the cached token is good. It may name the same token again.")
    var refresh = false

    @Option(help: "How to print it: the token alone, as a header, as shell exports, or as JSON.")
    var format: Format = .bare

    @Option(
        help: ArgumentHelp(
            "Read from stdin a token that the platform refused, and invalidate exactly that one.", valueName: "-"))
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
                description: "a token is never given as an argument",
                remedy: "Give it on stdin: printf %s \"$TOKEN\" | larkimg token --tenant \(tenant) --reject -"
            )
        }
        let secret = try SecretInput.read(input, what: "token")
        // Only the text is compared; how long it would have lived does not matter any more.
        guard let token = TenantAccessToken(secret.revealedText, expiresAt: Clocks.system.now()) else { return }
        try await CommandContext.withTokens(source) { source, _ in try await source.tokens.reject(token, for: tenant) }
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
