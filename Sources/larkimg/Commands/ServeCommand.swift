import ArgumentParser
import AuthService
import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import SystemPackage
import TokenStore

/// Serves the store's tokens.
struct ServeCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve tokens to other users and hosts, and receive store apps' events.",
        discussion: """
            On a Unix socket, root, this user and one group may connect: the group of this user alone, or \
            --socket-group. On TCP each client needs a secret from larkimg client add, and gets the tokens of its own \
            tenants only. --socket and --listen can be combined. The platform pushes a store app's events to \
            /events/NAME, the only address that accepts requests through a proxy. GET / is a status page: in a browser, \
            log in with a client's name and secret. GET /openapi.json describes the HTTP interface. SIGTERM finishes \
            requests in flight, SIGHUP reloads the certificate and reopens the audit log. For each token given, and for \
            refused requests, a line of JSON goes to stderr or to --audit-log.

            EXAMPLE
              larkimg serve --socket /run/larkimg/larkimg.sock
              larkimg serve --listen 0.0.0.0:8443 --public-host HOST:8443 \\
                --tls-cert cert.pem --tls-key key.pem
              larkimg token --auth-service unix:///run/larkimg/larkimg.sock \\
                --tenant acme
            """
    )

    @OptionGroup var serve: ServeOptions

    @Option(
        help: ArgumentHelp("Append audit lines to this file instead of stderr.", valueName: "file"),
        completion: .file())
    var auditLog: String?

    @Option(
        help: ArgumentHelp("Write the port to this file once connections are accepted.", valueName: "file"),
        completion: .file())
    var portFile: String?

    @Option(help: ArgumentHelp("The format of warnings.", valueName: "text|json"))
    var logFormat = LogFormat.text

    @OptionGroup var store: StoreOptions
    @OptionGroup var network: NetworkOptions

    func run() async throws {
        LogFormat.set(logFormat)
        Terminal.dropUnreadDiagnostics()
        // A signal that comes while the service starts must not kill it.
        let signals = await AuthService.trapSignals()
        let configuration = try serve.configuration()
        guard portFile == nil || serve.listen != nil else {
            throw CommandError(
                description: "--port-file does not go with a socket, which has no port",
                remedy: "Leave out --port-file")
        }
        let store = try await store.open()
        let banner = try await StartupBanner(configuration, store)
        let audit = try openAuditLog()
        defer { audit.close() }
        try await CommandContext.withClient(network) { client in
            let service = AuthService(
                store: store, endpoint: TokenEndpoint(client), configuration: configuration, audit: AuditLog(audit))
            try await service.run(signals: signals) { [portFile] port in
                if let port, let portFile { PortFile.write(port, to: portFile) }
                Terminal.report("larkimg: \(banner.text(port: port))\n")
            }
        }
    }

    private func openAuditLog() throws -> AuditFile {
        do {
            return try AuditFile(auditLog.map { FilePath($0) })
        } catch let error as Errno {
            throw CommandError(
                description: "the audit log cannot be opened: \(error.description.lowercased())",
                remedy: "Choose another file with --audit-log", status: EX_CANTCREAT)
        }
    }
}

/// The line that says what is served, where, and to whom.
private struct StartupBanner {
    private let configuration: ServiceConfiguration
    private let tenants: Int
    private let apps: [AppName]
    private let clients: Int

    init(_ configuration: ServiceConfiguration, _ store: Store) async throws {
        self.configuration = configuration
        tenants = try await store.tenants().count
        apps = try await store.apps().map(\.name)
        clients = try await store.clients().count
    }

    func text(port: Int?) -> String {
        let events = apps.isEmpty ? "" : ", events of \(apps.map(\.text).joined(separator: ", "))"
        let addresses = configuration.addresses.map { "on \(place($0, port: port)) to \(callers($0))" }
        return "serving \(tenants.of("tenant"))\(events) " + addresses.joined(separator: ", and ")
    }

    private func place(_ address: ServiceConfiguration.Address, port: Int?) -> String {
        switch address {
        case .socket(let path): path
        case .network(let host, _):
            "\(configuration.tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port ?? 0)"
        }
    }

    private func callers(_ address: ServiceConfiguration.Address) -> String {
        switch address {
        case .socket:
            "root, uid \(geteuid())" + (configuration.socketGroup.map { " and the group \($0)" } ?? " and no group")
        case .network where clients == 0: "no one: register a client with larkimg client add"
        case .network: "\(clients.of("client")), each for its tenants"
        }
    }

}

/// A file with the port, useful if the system chose it.
private enum PortFile {
    static func write(_ port: Int, to path: String) {
        do {
            try AtomicFile.write(
                "\(port)\n".utf8, to: FilePath(path), permissions: [.ownerReadWrite, .groupRead], replaces: true)
        } catch {
            Terminal.report("larkimg: warning: the port cannot be written to \(path): \(error)\n")
        }
    }
}
