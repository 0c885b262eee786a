import ArgumentParser
import Glibc
import LarkAPI
import SystemPackage

/// Runs a program with a token in its environment.
struct ExecCommand: AsyncParsableCommand {
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

    @OptionGroup var tenant: TenantOption
    @OptionGroup var life: TokenLifeOption
    @OptionGroup var source: SourceOptions

    @Argument(parsing: .postTerminator, help: "The program and its arguments, after --.")
    var command: [String] = []

    func run() async throws {
        var name: TenantName?
        do {
            guard let program = command.first, !program.isEmpty else {
                throw UsageError(
                    description: "no program is given",
                    remedy: "Give it after --: larkimg exec --tenant NAME -- COMMAND"
                )
            }
            let tenant = try tenant.name()
            name = tenant
            let life = try life.duration()
            let variables = try await CommandContext.withTokens(source) { source, _ in
                let token = try await source.tokens.token(for: tenant, goodFor: life)
                let found = try await source.tenant(tenant)
                return TokenEnvironment.variables(token, appID: found.appID, host: found.host)
            }
            for own in OpenDescriptors.now().subtracting(OpenDescriptors.inherited) {
                _ = fcntl(own, F_SETFD, FD_CLOEXEC)
            }
            try exec(program, arguments: command, variables: variables)
        } catch {
            throw Failure(error, tenant: name)
        }
    }

    private func exec(
        _ program: String, arguments: [String], variables: [(name: String, value: String)]
    ) throws -> Never {
        for name in TokenEnvironment.secrets { unsetenv(name) }
        for variable in variables { setenv(variable.name, variable.value, 1) }
        var words = arguments.map { strdup($0) } + [nil]
        // This thread blocks most signals, as the threads of the runtime do.
        ProcessSetup.inheritedSignals.restore()
        execvp(program, &words)
        let reason = Errno(rawValue: errno)
        ProcessSetup.ignoreOutputSignals()
        throw InputError(
            description:
                "\(TerminalText.visible(program, limit: 200)) cannot be run: \(reason.description.lowercased())",
            remedy: "Check the program's name and permissions",
            status: reason == .noSuchFileOrDirectory ? 127 : 126
        )
    }
}
