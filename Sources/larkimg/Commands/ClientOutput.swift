import FoundationEssentials
import LarkAPI
import TokenStore

/// The output of commands about clients.
enum ClientOutput {
    private struct Line: Encodable {
        let client: String
        let tenants: [String]
        let addedAt: String
        /// Newest first; null for a secret that does not expire.
        let secretsExpireAt: [String?]
    }

    /// Writes a new secret, which the user asked for.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ secret: Secret, of client: ClientName, asJSON: Bool) throws {
        let text = secret.revealedText
        try Terminal.write(asJSON ? JSONLine.text(["client": client.text, "secret": text]) : "\(text)\n")
    }

    /// Says what was done.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ verb: String, _ client: ClientName, asJSON: Bool) throws {
        try Terminal.write(asJSON ? JSONLine.text(["client": client.text]) : "\(verb) \(client)\n")
    }

    /// Writes all clients.
    ///
    /// - Throws: ``OutputError``.
    static func write(_ clients: [ClientSummary], asJSON: Bool) throws {
        let lines = clients.map { client in
            Line(
                client: client.name.text, tenants: client.tenants.map(\.text).sorted(),
                addedAt: client.createdAt.formatted(.iso8601),
                secretsExpireAt: client.secretsExpireAt.map { $0?.formatted(.iso8601) })
        }
        if asJSON {
            for line in lines { try Terminal.write(JSONLine.text(line)) }
        } else if !lines.isEmpty {
            let rows = lines.map { line in
                let ends = line.secretsExpireAt.map { $0 ?? "never" }.joined(separator: ", ")
                return [line.client, line.tenants.joined(separator: ","), ends]
            }
            try Terminal.write(Table.text([["CLIENT", "TENANTS", "SECRETS EXPIRE"]] + rows))
        }
    }
}
