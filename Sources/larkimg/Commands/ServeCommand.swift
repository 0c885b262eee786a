import ArgumentParser
import AuthService
import FoundationEssentials
import Glibc
import LarkAPI
import PosixFiles
import SystemPackage
import TokenStore

/// Serves the store's tokens.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve tokens to other users and hosts, and receive store apps' events.",
        discussion: """
            On a Unix socket, root, this user and this process's group may connect; the directory has mode 0750, the \
            socket 0660. On TCP each client needs a secret from larkimg client add, and gets the tokens of its own \
            tenants only. The platform pushes a store app's events to /events/NAME, the only address that accepts \
            requests through a proxy. GET / is a status page: in a browser, log in with a client's name and secret. \
            GET /openapi.json describes the HTTP interface. SIGTERM finishes requests in flight, SIGHUP reloads the \
            certificate. For each token given, a line of JSON goes to stderr or to --audit-log.

            EXAMPLE
              larkimg serve --socket /run/larkimg/larkimg.sock
              larkimg serve --listen 0.0.0.0:8443 --public-host HOST:8443 \\
                --tls-cert cert.pem --tls-key key.pem
              larkimg token --auth-service unix:///run/larkimg/larkimg.sock \\
                --tenant acme
            """
    )

    @OptionGroup var serve: ServeOptions

    @Option(help: ArgumentHelp("Append audit lines to this file instead of stderr.", valueName: "file"))
    var auditLog: String?

    @Option(help: ArgumentHelp("Write the port to this file once connections are accepted.", valueName: "file"))
    var portFile: String?

    @Option(help: ArgumentHelp("The format of warnings.", valueName: "text|json"))
    var logFormat = LogFormat.text

    @OptionGroup var store: StoreOptions
    @OptionGroup var network: NetworkOptions

    func run() async throws {
        LogFormat.set(logFormat)
        Terminal.dropUnreadDiagnostics()
        do {
            let configuration = try serve.configuration()
            guard portFile == nil || serve.listen != nil else {
                throw UsageError(
                    description: "--port-file does not go with a socket, which has no port",
                    remedy: "Leave out --port-file")
            }
            let store = try await Store.open(at: store.location())
            let introduction = try await StartupBanner(configuration, store)
            let audit = try AuditFile.open(auditLog)
            try await CommandContext.withClient(network) { client in
                let service = AuthService(
                    store: store, endpoint: TokenEndpoint(client), configuration: configuration, audit: audit)
                try await service.run { [portFile] port in
                    if let port, let portFile { PortFile.write(port, to: portFile) }
                    Terminal.report("larkimg: \(introduction.text(port: port))\n")
                }
            }
        } catch {
            throw Failure(error)
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
        return "serving \(Self.count(tenants, "tenant"))\(events) on \(place(port: port)) to \(callers)"
    }

    private func place(port: Int?) -> String {
        switch configuration.address {
        case .socket(let path): path
        case .network(let host, _):
            "\(configuration.tls == nil ? "http" : "https")://\(host.contains(":") ? "[\(host)]" : host):\(port ?? 0)"
        }
    }

    private var callers: String {
        switch configuration.address {
        case .socket: "root, uid \(geteuid()) and the group \(getegid())"
        case .network where clients == 0: "no one: register a client with larkimg client add"
        case .network: "\(Self.count(clients, "client")), each for its tenants"
        }
    }

    private static func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
}

/// The destination of audit lines.
private enum AuditFile {
    /// - Throws: ``InputError`` when the file cannot be opened.
    static func open(_ path: String?) throws -> AuditLog {
        let file: FileDescriptor
        do {
            file =
                try path.map {
                    try FileDescriptor.open(
                        FilePath($0), .writeOnly, options: [.append, .create, .closeOnExec],
                        permissions: .ownerReadWrite)
                } ?? .standardError
        } catch let error as Errno {
            throw InputError(
                description: "the audit log cannot be opened: \(error.description.lowercased())",
                remedy: "Choose another file with --audit-log", status: EX_CANTCREAT)
        }
        // One write per line, so that lines of concurrent requests do not mix.
        return AuditLog { line in
            // A pipe that nobody reads would hold up every connection: then no token is given.
            guard try file.isReady(for: .writing, within: 20) else { throw Errno.resourceTemporarilyUnavailable }
            _ = try file.writeAll(line.utf8)
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
