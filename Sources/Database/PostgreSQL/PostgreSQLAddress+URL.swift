extension PostgreSQLAddress {
    /// The settings that a URL may have beside `host` and `port`.
    private static let settingNames: Set<String> = [
        "application_name", "connect_timeout", "passfile", "sslcert", "sslcrl", "sslkey", "sslmode", "sslrootcert",
        "target_session_attrs",
    ]

    private static let sslModes: Set<String> = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

    /// Parses `postgres://user@host1:5432,host2:5432/database?sslmode=verify-full`. A Unix socket's directory is written
    /// as `postgres:///database?host=/run/postgresql`.
    ///
    /// - Throws: ``DatabaseError`` `cannotOpen`, also for a URL with a password. It quotes no part of the URL that could
    ///   be one.
    package init(_ url: String) throws {
        guard let rest = ["postgres://", "postgresql://"].first(where: url.hasPrefix).map({ url.dropFirst($0.count) })
        else { throw Self.invalid("it does not begin with postgres://") }
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        let path = rest.dropFirst(authority.count).prefix { $0 != "?" }
        let query = rest.dropFirst(authority.count + path.count + 1)
        // A password with a slash or a question mark would end the authority too early.
        guard !path.contains("@"), !query.contains("@"), !rest.contains("#") else {
            throw Self.invalid("it must not contain a password, and @ and # must be written %40 and %23")
        }
        let (user, hostList) = try Self.split(authority)
        var settings = try Self.settings(query)
        let hostNames = settings.removeValue(forKey: "host")
        let ports = settings.removeValue(forKey: "port")
        guard hostNames == nil || hostList.isEmpty else { throw Self.invalid("it names hosts twice") }
        hosts =
            if let hostNames { try Self.hosts(hostNames, ports: ports ?? "5432") } else { try Self.hosts(hostList) }
        self.user = user
        database = try Self.decoded(path.dropFirst())
        guard !database.isEmpty else { throw Self.invalid("it names no database") }
        try Self.check(settings)
        self.settings = settings
    }

    private static func check(_ settings: [String: String]) throws {
        if let name = settings.keys.sorted().first(where: { !settingNames.contains($0) }) {
            throw invalid(
                name.contains("password")
                    ? "it must not contain a password: use PGPASSFILE or a file" : "the setting \(name) is not known")
        }
        if let mode = settings["sslmode"], !sslModes.contains(mode) { throw invalid("sslmode is not valid") }
        if let role = settings["target_session_attrs"], !["any", "read-write", "primary"].contains(role) {
            throw invalid("target_session_attrs must be read-write, primary or any: a store is written to")
        }
        if let seconds = settings["connect_timeout"], !(1...600).contains(Int(seconds) ?? 0) {
            throw invalid("connect_timeout must be 1 to 600 seconds")
        }
    }

    /// The user and the hosts of `user@host1,host2`.
    private static func split(_ authority: Substring) throws -> (user: String?, hosts: Substring) {
        guard let end = authority.lastIndex(of: "@") else { return (nil, authority) }
        let user = authority[..<end]
        guard !user.contains(":"), !user.contains("@") else {
            throw invalid("it must not contain a password: use PGPASSFILE or a file")
        }
        return (user.isEmpty ? nil : try decoded(user), authority[authority.index(after: end)...])
    }

    private static func hosts(_ list: Substring) throws -> [Host] {
        guard !list.isEmpty else { throw invalid("it names no host; a Unix socket is named by host=/run/postgresql") }
        return try list.split(separator: ",", omittingEmptySubsequences: false)
            .map { text in
                var name = text.prefix { $0 != ":" }
                var rest = text.dropFirst(name.count)
                if text.hasPrefix("[") {
                    guard let end = text.firstIndex(of: "]") else { throw invalid("a host is not valid") }
                    name = text[..<end].dropFirst()
                    rest = text[end...].dropFirst()
                }
                guard rest.isEmpty || rest.hasPrefix(":") else { throw invalid("a host is not valid") }
                return try host(decoded(name), port: rest.isEmpty ? "5432" : rest.dropFirst())
            }
    }

    private static func hosts(_ names: String, ports: String) throws -> [Host] {
        let names = names.split(separator: ",", omittingEmptySubsequences: false)
        let ports = ports.split(separator: ",", omittingEmptySubsequences: false)
        guard ports.count == 1 || ports.count == names.count else {
            throw invalid("it does not name as many ports as hosts")
        }
        return try names.indices.map { try host(String(names[$0]), port: ports[ports.count == 1 ? 0 : $0]) }
    }

    private static func host(_ name: String, port: Substring) throws -> Host {
        guard !name.isEmpty else { throw invalid("a host has no name") }
        guard let port = UInt16(port), port > 0 else { throw invalid("a port is not valid") }
        return Host(name: name, port: port)
    }

    private static func settings(_ query: Substring) throws -> [String: String] {
        var settings: [String: String] = [:]
        for pair in query.split(separator: "&") {
            let name = try decoded(pair.prefix { $0 != "=" })
            guard settings.updateValue(try decoded(pair.drop { $0 != "=" }.dropFirst()), forKey: name) == nil else {
                throw invalid("a setting is repeated")
            }
        }
        return settings
    }

    /// Decodes `%2F` and the like.
    private static func decoded(_ text: Substring) throws -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = Substring(rest.prefix(2))
            guard digits.count == 2, digits.allSatisfy(\.isHexDigit), let value = UInt8(digits, radix: 16) else {
                throw invalid("a % is not followed by two hexadecimal digits")
            }
            bytes.append(value)
            rest.removeFirst(2)
        }
        guard !bytes.contains(0), let decoded = String(validating: bytes, as: UTF8.self) else {
            throw invalid("it contains text that is not UTF-8")
        }
        return decoded
    }

    private static func invalid(_ reason: String) -> DatabaseError {
        DatabaseError(.cannotOpen, "the PostgreSQL URL is not valid: \(reason)")
    }
}
