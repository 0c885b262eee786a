import ArgumentParser
import FoundationEssentials
import LarkAPI
import TokenStore

/// The group of commands for clients of the auth service.
struct ClientCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "client",
        abstract: "Manage who may use the auth service over TCP, and for which tenants.",
        discussion: """
            A client's secret is shown once; only its digest is stored. Changes take effect within a second.

            EXAMPLE
              larkimg client add reports --tenants acme,globex --expires 90d
              larkimg token --auth-service https://tokens.example.com:8443 \\
                --tenant acme
            """,
        subcommands: [
            ClientAddCommand.self, ClientListCommand.self, ClientUpdateCommand.self, ClientRotateCommand.self,
            ClientRemoveCommand.self,
        ]
    )
}

/// Registers a client.
struct ClientAddCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Register a client and print its secret. It is shown only once.",
        discussion: """
            On the client, keep the secret in a file of mode 0600 and name the file in $LARKIMG_AUTH_SECRET_FILE.

            EXAMPLE
              (umask 077 && larkimg client add reports --tenants acme,globex > secret.txt)
            """
    )

    @Argument(help: "A name for the client.")
    var name: String

    @Option(help: .tenants, completion: .tenantList, transform: { try TenantName.list($0) })
    var tenants: [TenantName]

    @Option(help: .lifetime, transform: { try Duration(secretLifetime: $0) })
    var expires: Duration?

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try ClientName(name)
        let secret = try await store.open().addClient(name, tenants: tenants, lifetime: expires)
        try ClientLine.write(secret, of: name, asJSON: json)
    }
}

/// Lists the clients.
struct ClientListCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the clients, their tenants, and when their secrets expire.",
        discussion: """
            EXAMPLE
              larkimg client list --json
            """
    )

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let clients = (try await store.openIfAny()?.clients() ?? []).map { ClientLine($0) }
        if json {
            for client in clients { try Terminal.write(JSONLine.text(client)) }
        } else if clients.isEmpty {
            Terminal.note("there are no clients; to register one: larkimg client add NAME --tenants NAMES")
        } else {
            try Terminal.write(Table.text([["CLIENT", "TENANTS", "SECRETS EXPIRE"]] + clients.map(\.cells)))
        }
    }
}

/// Changes a client's tenants.
struct ClientUpdateCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change the tenants whose tokens a client may get.",
        discussion: """
            EXAMPLE
              larkimg client update reports --tenants acme
            """
    )

    @Argument(help: "The client's name.", completion: .client)
    var name: String

    @Option(help: .tenants, completion: .tenantList, transform: { try TenantName.list($0) })
    var tenants: [TenantName]

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try ClientName(name)
        try await store.open().updateClient(name, tenants: tenants)
        try ClientLine.write("updated", name, asJSON: json)
    }
}

/// Replaces a client's secret.
struct ClientRotateCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Give a client a new secret. The previous one stays valid until --end-old.",
        discussion: """
            EXAMPLE
              (umask 077 && larkimg client rotate reports --expires 90d > new-secret.txt)
              larkimg client rotate reports --end-old
            """
    )

    @Argument(help: "The client's name.", completion: .client)
    var name: String

    @Flag(help: "Invalidate all secrets but the newest, and make none.")
    var endOld = false

    @Option(help: .lifetime, transform: { try Duration(secretLifetime: $0) })
    var expires: Duration?

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try ClientName(name)
        guard !endOld || expires == nil else {
            throw CommandError(
                description: "--expires does not go with --end-old, which makes no secret",
                remedy: "Leave out --expires, or make a new secret first")
        }
        let store = try await store.open()
        if endOld {
            try await store.endOldSecret(of: name)
            try ClientLine.write("invalidated the old secret of", name, asJSON: json)
        } else {
            try ClientLine.write(
                try await store.rotateSecret(of: name, lifetime: expires), of: name, asJSON: json)
        }
    }
}

/// Removes a client.
struct ClientRemoveCommand: AsyncParsableCommand, ReportingCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a client and its secrets.",
        discussion: """
            Tokens that the client already has stay valid until they expire, at most two hours.

            EXAMPLE
              larkimg client remove reports
            """
    )

    @Argument(help: "The client's name.", completion: .client)
    var name: String

    @OptionGroup var store: StoreOptions

    @Flag(help: .json)
    var json = false

    func run() async throws {
        let name = try ClientName(name)
        try await store.open().removeClient(name)
        try ClientLine.write("removed", name, asJSON: json)
    }
}

/// A client as scripts read it.
private struct ClientLine: Encodable {
    let client: String
    let tenants: [String]
    let addedAt: String
    /// Newest first; null for a secret that does not expire.
    let secretsExpireAt: [String?]

    init(_ client: ClientSummary) {
        self.client = client.name.text
        tenants = client.tenants.map(\.text).sorted()
        addedAt = client.createdAt.formatted(.iso8601)
        secretsExpireAt = client.secretsExpireAt.map { $0?.formatted(.iso8601) }
    }

    /// A row of the table.
    var cells: [String] {
        [client, tenants.joined(separator: ","), secretsExpireAt.map { $0 ?? "never" }.joined(separator: ", ")]
    }

    /// Writes a new secret, which the user asked for.
    static func write(_ secret: Secret, of client: ClientName, asJSON: Bool) throws {
        let text = secret.revealedText
        try Terminal.write(asJSON ? JSONLine.text(["client": client.text, "secret": text]) : "\(text)\n")
    }

    /// Says what was done to a client.
    static func write(_ verb: String, _ client: ClientName, asJSON: Bool) throws {
        try Terminal.write(asJSON ? JSONLine.text(["client": client.text]) : "\(verb) \(client)\n")
    }
}

extension ArgumentHelp {
    fileprivate static let tenants = ArgumentHelp(
        "The client's tenants, separated by commas; '' for none.", valueName: "a,b")
    fileprivate static let lifetime = ArgumentHelp(
        "The secret expires after this time: 90d, 12h. (default: never)", valueName: "time")
}

extension TenantName {
    /// The names in a list with commas; none in an empty text.
    fileprivate static func list(_ text: String) throws -> [TenantName] {
        guard !text.isEmpty else { return [] }
        return try text.split(separator: ",", omittingEmptySubsequences: false).map { try TenantName(String($0)) }
    }
}

extension Duration {
    /// The lifetime of a secret: `90d`, `12h`.
    fileprivate init(secretLifetime text: String) throws {
        let units = ["h": 3600, "d": 86_400]
        guard let unit = units[String(text.suffix(1))], let count = Int(text.dropLast()),
            case (let seconds, false) = count.multipliedReportingOverflow(by: unit),
            (3600...(3650 * 86_400)).contains(seconds)
        else { throw InvalidLifetime() }
        self = .seconds(seconds)
    }

    private struct InvalidLifetime: Error, CustomStringConvertible {
        let description = "use hours or days, from 1h to 3650d"
    }
}
