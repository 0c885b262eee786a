import ArgumentParser
import FoundationEssentials
import Glibc
import LarkAPI
import SystemPackage

/// Runs a program with a token in its environment.
struct ExecCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "exec",
        abstract: "Run a program with a tenant_access_token in its environment.",
        discussion: """
            Sets LARK_TENANT_ACCESS_TOKEN, LARK_TENANT_ACCESS_TOKEN_EXPIRES_AT and LARK_HOST, and for the official \
            lark-cli LARKSUITE_CLI_APP_ID, LARKSUITE_CLI_TENANT_ACCESS_TOKEN and LARKSUITE_CLI_BRAND; never the secret. \
            larkimg replaces itself with the program: signals and the exit status are the program's own. The status is \
            127 if the program is not found, 126 if it cannot be run.

            EXAMPLE
              larkimg exec --tenant acme -- python3 report.py
            """
    )

    @OptionGroup var token: TokenOptions

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String] = []

    var subject: TenantName? { token.tenant.subject }

    func run() async throws {
        guard let program = command.first, !program.isEmpty else {
            throw CommandError(
                description: "no program is given",
                remedy: "Give it after --: larkimg exec --tenant NAME -- COMMAND")
        }
        let tenant = try token.tenant.name()
        let minimum = try token.minimumLifetime()
        let variables = try await CommandContext.withTokens(token.source) { source, _ in
            let token = try await source.tokens.token(for: tenant, goodFor: minimum)
            let found = try await source.tenant(tenant)
            return TokenEnvironment.variables(token, appID: found.appID, host: found.host)
        }
        try exec(program, variables: variables)
    }

    private func exec(_ program: String, variables: [(name: String, value: String)]) throws -> Never {
        ProcessSetup.closeOwnDescriptorsOnExec()
        for name in TokenEnvironment.secrets { unsetenv(name) }
        for variable in variables { setenv(variable.name, variable.value, 1) }
        var words = command.map { strdup($0) } + [nil]
        // This thread blocks most signals, as the threads of the runtime do.
        ProcessSetup.inheritedSignals.restore()
        ProcessSetup.restoreCoreLimit()
        execvp(program, &words)
        let reason = Errno(rawValue: errno)
        ProcessSetup.ignoreOutputSignals()
        throw CommandError(
            description:
                "\(TerminalText.visible(program, limit: 200)) cannot be run: \(reason.description.lowercased())",
            remedy: "Check the program's name and permissions",
            status: reason == .noSuchFileOrDirectory ? 127 : 126)
    }
}

/// The environment variables that carry a token to other programs.
enum TokenEnvironment {
    /// The token and its expiry, for any script.
    static func variables(_ token: TenantAccessToken) -> [(name: String, value: String)] {
        [
            ("LARK_TENANT_ACCESS_TOKEN", token.secret.revealedText),
            ("LARK_TENANT_ACCESS_TOKEN_EXPIRES_AT", token.expiresAt.formatted(.iso8601)),
        ]
    }

    /// The same, and what the platform's official `lark-cli` reads (its README, "Environment variables").
    static func variables(
        _ token: TenantAccessToken, appID: AppID, host: LarkHost
    ) -> [(name: String, value: String)] {
        variables(token) + [
            ("LARK_HOST", host.origin),
            ("LARKSUITE_CLI_APP_ID", appID.text),
            ("LARKSUITE_CLI_TENANT_ACCESS_TOKEN", token.secret.revealedText),
            ("LARKSUITE_CLI_BRAND", host.brand),
        ]
    }

    /// Variables that the program must not inherit.
    static let secrets = ["LARKIMG_APP_SECRET"]
}
