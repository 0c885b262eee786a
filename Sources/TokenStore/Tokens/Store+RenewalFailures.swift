import Database
import FoundationEssentials
import LarkAPI

extension Store {
    /// Remembers that a request for a token failed.
    ///
    /// - Parameter state: as it was when the request was sent.
    /// - Throws: errors of writing.
    func remember(_ error: LarkError, for state: TokenState) async throws {
        let now = Date(seconds: now())
        try await write { connection in
            let current = try self.state(of: state.owner, in: connection)
            guard current.app == state.app else { return }
            try self.insert(RenewalFailure(error, after: current.failure, at: now), for: current, in: connection)
        }
    }

    func insert(_ failure: RenewalFailure, for state: TokenState, in connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO renewal_failure
                (app, tenant_key, generation, \(RenewalFailure.columnNames.joined(separator: ", ")))
            VALUES (?, ?, ?, \(RenewalFailure.placeholders))
            ON CONFLICT (app, tenant_key) DO UPDATE SET
                generation = excluded.generation, \(RenewalFailure.assignments)
            """,
            [state.app.id, state.tenantKey, state.app.generation] + failure.columnValues)
    }

    /// Returns the last failure of a host, if its last response was one.
    ///
    /// - Throws: errors of reading.
    func outage(of host: LarkHost) async throws -> RenewalFailure? {
        try await read { try self.outage(of: host, in: $0) }
    }

    /// Remembers that a host failed, unless another process has remembered a failure since.
    ///
    /// - Parameter known: the outage when the request was sent.
    /// - Throws: errors of writing.
    func rememberOutage(of host: LarkHost, _ error: LarkError, after known: RenewalFailure?) async throws {
        let now = timing.now()
        try await write { connection in
            if let current = try self.outage(of: host, in: connection), current.isNewer(than: known) { return }
            try connection.execute(
                """
                INSERT INTO host_outage (host, \(RenewalFailure.columnNames.joined(separator: ", ")))
                VALUES (?, \(RenewalFailure.placeholders))
                ON CONFLICT (host) DO UPDATE SET \(RenewalFailure.assignments)
                """,
                [host.origin] + RenewalFailure(outage: error, after: known, at: now).columnValues)
        }
    }

    /// Forgets the outage of a host that has responded.
    ///
    /// - Throws: errors of writing.
    func endOutage(of host: LarkHost) async throws {
        try await write { try Self.endOutage(of: host, in: $0) }
    }

    static func endOutage(of host: LarkHost, in connection: any SQLConnection) throws {
        try connection.execute("DELETE FROM host_outage WHERE host = ?", [host.origin])
    }

    private func outage(of host: LarkHost, in connection: any SQLConnection) throws -> RenewalFailure? {
        let sql = "SELECT \(RenewalFailure.columns) FROM host_outage AS failure WHERE host = ?"
        guard let row = try connection.row(sql, [host.origin]) else { return nil }
        return cached(host) { try RenewalFailure(row, of: nil) }
    }
}

extension RenewalFailure {
    fileprivate static let columnNames = [
        "kind", "summary", "remedy", "http_status", "platform_code", "platform_message", "log_id", "is_retryable",
        "names_retry", "failures", "failed_at", "retry_at",
    ]

    fileprivate static let placeholders = columnNames.map { _ in "?" }.joined(separator: ", ")

    fileprivate static let assignments = columnNames.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")

    /// The columns that ``init(_:of:)`` reads, of a table with the alias `failure`.
    static let columns = columnNames.map { "failure.\($0)" }.joined(separator: ", ")

    fileprivate var columnValues: [any SQLConvertible] {
        [
            error.kind.rawValue, error.summary, error.remedy?.description ?? "", error.httpStatus, error.platformCode,
            error.platformMessage, error.logID, error.isRetryable, error.retryAfter != nil, count, at.seconds,
            Date(timeIntervalSince1970: retryAt.timeIntervalSince1970.rounded(.up)).seconds,
        ]
    }

    /// Reads a failure.
    ///
    /// - Parameter app: the store app whose tokens are meant, if it is one.
    /// - Returns: nil if there is none, or if its kind is one of another release.
    /// - Throws: `DatabaseError` `invalidColumn`.
    init?(_ row: SQLRow, of app: AppName?) throws {
        guard let kind = (try row["kind"] as String?).flatMap(LarkError.Kind.init(rawValue:)) else { return nil }
        let at = try row.instant("failed_at")
        let retryAt = try row.instant("retry_at")
        let retryAfter = Duration.seconds(max(0, retryAt.seconds - at.seconds))
        let error = LarkError(
            kind, try row["summary"], remedy: Remedy(try row["remedy"]), httpStatus: try row["http_status"],
            platformCode: try row["platform_code"], platformMessage: try row["platform_message"],
            logID: try row["log_id"], retryAfter: try row["names_retry"] ? retryAfter : nil,
            isRetryable: try row["is_retryable"])
        self.init(
            error: error.withAction(for: app), count: Int(try row.count("failures")), at: at, retryAt: retryAt)
    }
}

extension LarkError {
    /// The error with the action in its remedy, which is not stored.
    fileprivate func withAction(for app: AppName?) -> LarkError {
        // Only a missing ticket makes a store app's token wait without a rate limit.
        if let app, kind == .tryLater, !isThrottling { return withRemedy(.missingTicket(of: app)) }
        if isCredentialError { return withRemedy(Remedy("", PlatformAction.replaceAppSecret(of: app))) }
        return platformCode.flatMap(LarkErrorCode.row(for:)).map { withRemedy($0.remedy) } ?? self
    }
}
