import ArgumentParser
import FoundationEssentials
import LarkEmulator
import UnixSignals

/// The emulator's command.
@main
struct LarkEmulatorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lark-emulator",
        abstract: "A local Lark Open Platform for tests and demonstrations.",
        discussion: """
            It issues tokens, stores and serves images, has chats with messages, enforces rate limits and pushes events \
            as the platform does, all in memory. Its secrets are made up. It runs until SIGTERM or SIGINT.

            POST /_emulator/faults injects faults and changes the platform; GET /_emulator/journal returns the requests \
            received, and GET /_emulator/dump the messages of a chat. All are described in \
            Sources/LarkEmulator/LarkEmulator.docc/Guide.md.

            EXAMPLE
              lark-emulator --listen 127.0.0.1:8080 --app cli_demo:secret
              curl -d '{"app_id":"cli_demo","app_secret":"secret"}' \\
                http://127.0.0.1:8080/open-apis/auth/v3/tenant_access_token/internal
            """,
        version: "0.1.0"
    )

    @Option(help: ArgumentHelp("The address to listen on; port 0 chooses a free port.", valueName: "host:port"))
    var listen = ListenAddress(host: "127.0.0.1", port: 0)

    @Option(help: ArgumentHelp("Write the port to this file once connections are accepted.", valueName: "file"))
    var portFile: String?

    @Option(help: ArgumentHelp("A custom app and its secret; repeatable.", valueName: "app-id:secret"))
    var app: [AppSetting] = []

    @Option(help: ArgumentHelp("A store app and its secret; repeatable.", valueName: "app-id:secret"))
    var storeApp: [AppSetting] = []

    @Option(help: ArgumentHelp("A tenant that installed a store app; repeatable.", valueName: "app-id:tenant-key"))
    var installed: [AppSetting] = []

    @Option(help: ArgumentHelp("The Verification Token of a store app; repeatable.", valueName: "app-id:token"))
    var verificationToken: [AppSetting] = []

    @Option(help: ArgumentHelp("The Encrypt Key of a store app; repeatable.", valueName: "app-id:key"))
    var encryptKey: [AppSetting] = []

    @Option(help: ArgumentHelp("Push the events of store apps to this URL.", valueName: "url"))
    var events: String?

    @Flag(help: "Enforce the rate limit: 50 requests a second and 1,000 a minute per app, tenant and API.")
    var quota = false

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Serve HTTPS with this certificate chain and private key, both PEM files.", valueName: "cert> <key")
    )
    var tls: [String] = []

    func validate() throws {
        guard tls.isEmpty || tls.count == 2 else {
            throw ValidationError("--tls takes two files: the certificate chain and its private key.")
        }
        let storeAppIDs = Set(storeApp.map(\.appID))
        for setting in installed + verificationToken + encryptKey where !storeAppIDs.contains(setting.appID) {
            throw ValidationError("There is no --store-app \(setting.appID).")
        }
    }

    func run() async throws {
        // First, so that no signal takes its default action.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let emulator = Emulator(configuration)
        let (ports, ready) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                do {
                    try await emulator.run { ready.yield($0) }
                } catch {
                    throw Failure("cannot listen on \(listen): \(error)", status: 69)
                }
            }
            group.addTask {
                for await _ in signals { return }
            }
            group.addTask {
                for await port in ports {
                    try announce(port: port)
                }
            }
            do {
                try await group.next()
            } catch let failure as Failure {
                try Output.standardError.write("lark-emulator: \(failure.message)\n")
                throw ExitCode(failure.status)
            }
        }
    }

    private var configuration: EmulatorConfiguration {
        var configuration = EmulatorConfiguration()
        configuration.host = listen.host
        configuration.port = listen.port
        configuration.eventsURL = events
        configuration.enforcesQuota = quota
        if tls.count == 2 {
            configuration.tls = EmulatorConfiguration.TLSFiles(certificate: tls[0], key: tls[1])
        }
        configuration.apps = app.map { .custom($0.appID, secret: $0.value) }
        for setting in storeApp {
            var app = EmulatedApp.store(
                setting.appID,
                secret: setting.value,
                installed: installed.filter { $0.appID == setting.appID }.map(\.value)
            )
            for token in verificationToken where token.appID == setting.appID {
                app.verificationToken = token.value
            }
            for key in encryptKey where key.appID == setting.appID {
                app.encryptKey = key.value
            }
            configuration.apps.append(app)
        }
        return configuration
    }

    /// Writes the address to standard output, and the port to the file.
    private func announce(port: Int) throws {
        if let portFile {
            do {
                try Data("\(port)\n".utf8).write(to: URL(filePath: portFile), options: .atomic)
            } catch {
                throw Failure("cannot write the port to \(portFile): \(error)", status: 73)
            }
        }
        let scheme = tls.isEmpty ? "http" : "https"
        try Output.standardOutput.write("lark-emulator listens on \(scheme)://\(listen.host):\(port)\n")
    }
}
