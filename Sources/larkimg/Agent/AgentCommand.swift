import ArgumentParser
import AuthService
import FoundationEssentials
import Glibc
import LarkAPI
import SystemPackage
import TokenStore

/// Keeps files with tokens fresh.
struct AgentCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "agent",
        abstract: "Keep files with tokens fresh, for programs that read files.",
        discussion: """
            A file is replaced as a whole, so that a reader never sees a part of a token, and long before the token \
            expires. If there is no new token in time, the file is removed: an expired token is worse than none. \
            Directories must exist. Tokens come from the store, or from an auth service.

            After files have changed, --on-change sends a signal to the process whose id a file holds, or runs a \
            command, without a shell and for 30 seconds at most. SIGHUP writes all files again; SIGTERM ends the agent \
            and leaves the files. Under systemd it is ready once all files are written (Type=notify).

            EXAMPLE
              larkimg agent --write acme=/run/larkimg/acme.token
              larkimg agent --write acme=/etc/nginx/lark/acme.conf \\
                --format nginx --on-change HUP:/run/nginx.pid
              larkimg agent --once --write acme=/tokens/acme --mode 640
            """
    )

    @Option(
        name: .customLong("write"),
        help: ArgumentHelp("A tenant, and the file for its token; repeatable.", valueName: "tenant=file"))
    var writes: [String]

    @Option(help: "The content: the token alone, a header, shell exports, JSON, or for curl -K or nginx.")
    var format: TokenFormat = .bare

    @Option(help: ArgumentHelp("The permissions of the files: 600, 640 or 644.", valueName: "mode"))
    var mode = "600"

    @Option(
        help: ArgumentHelp(
            "What to do after files have changed: SIGNAL:/PID-FILE or a command; repeatable.", valueName: "action"))
    var onChange: [String] = []

    @Flag(help: "Write all files, then end. The exit status says whether all tenants have a token.")
    var once = false

    @Option(help: .minTtl)
    var minTtl: String?

    @Option(help: ArgumentHelp("The format of warnings.", valueName: "text|json"))
    var logFormat = LogFormat.text

    @OptionGroup var source: SourceOptions

    func run() async throws {
        LogFormat.set(logFormat)
        let environment = ProcessInfo.processInfo.environment
        let files = try files()
        let hooks = ChangeHooks(try onChange.map { try ChangeHook($0) }, environment: environment)
        let minimum = try TokenOptions.minimumLifetime(minTtl)
        // The option has the permissions of the files. Those of the store's do not depend on the mask.
        umask(0)
        if once {
            try await SignalHandling.cancelOnSignal {
                let failures = try await withAgent(files, minimum, hooks) { try await $0.writeAll() }
                for failure in failures { Terminal.report(failure.text) }
                let statuses = Set(failures.map { ExitStatus.of($0.error) ?? ExitStatus.mixed })
                guard let status = statuses.first else { return }
                throw ExitCode(statuses.count == 1 ? status : ExitStatus.mixed)
            }
        } else {
            Terminal.dropUnreadDiagnostics()
            let signals = await AuthService.trapSignals()
            let systemd = SystemdNotifier(environment: environment)
            try await withAgent(files, minimum, hooks) { agent in
                try await agent.run(signals) { systemd.ready() }
            }
            systemd.stopping()
        }
    }

    private func withAgent<Result: Sendable>(
        _ files: [TokenFile], _ minimum: Duration, _ hooks: ChangeHooks,
        _ body: (TokenFileAgent) async throws -> Result
    ) async throws -> Result {
        try await CommandContext.withTokens(source, renewsInBackground: !once) { backend, _ in
            try await body(
                TokenFileAgent(files: files, tokens: backend.tokens, minimum: minimum, hooks: hooks, clocks: .system))
        }
    }

    private func files() throws -> [TokenFile] {
        let modes: [String: FilePermissions] = [
            "600": .ownerReadWrite, "640": [.ownerReadWrite, .groupRead],
            "644": [.ownerReadWrite, .groupRead, .otherRead],
        ]
        guard let permissions = modes[mode.count == 4 && mode.hasPrefix("0") ? String(mode.dropFirst()) : mode] else {
            throw CommandError(
                description: "--mode takes 600, 640 or 644",
                remedy: "640 lets the group of this process read the token, 644 every user of the machine")
        }
        var paths: Set<FilePath> = []
        return try writes.map { text in
            // A name has no equals sign.
            guard let equals = text.firstIndex(of: "="), text.index(after: equals) < text.endIndex else {
                throw CommandError(
                    description: "--write takes a tenant and a file", remedy: "For example --write acme=/run/acme.token"
                )
            }
            let tenant = try TenantName(String(text[..<equals]))
            let path = FilePath(String(text[text.index(after: equals)...]))
            guard paths.insert(path).inserted else {
                throw CommandError(
                    description: "two tenants have the same file \(TerminalText.visible(path.string, limit: 200))",
                    remedy: "Name a file for each")
            }
            return try TokenFile(tenant, at: path, format: format, permissions: permissions)
        }
    }
}
