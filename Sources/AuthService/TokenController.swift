import AuthServiceClient
import FoundationEssentials
import HummingbirdCore
import LarkAPI
import NIOCore
import TokenStore

/// What callers can have: tokens, leave to send requests, and how their tenants stand.
struct TokenController: Sendable {
    let store: Store
    let tokens: CachingTokenProvider
    let quotaStore: StoreQuotaStore
    let refresher: TokenRefresher
    let audit: AuditLog
    let metrics: ServiceMetrics
    let timing: Clocks
    private let texts = TokenText()

    /// More than half an hour the platform does not promise.
    private static let lives = 0...1800
    private static let usualLife = 300

    /// Hands out a token. The line in the audit log comes before it.
    ///
    /// - Throws: ``ServiceError``; what asking for the token throws.
    func token(_ name: String, for caller: Principal, from address: String?, body: [UInt8]) async throws
        -> ServiceResponse
    {
        func note(_ result: String) throws {
            try audit.note(
                "token", who: caller.name, address: address, tenant: name, result: result, at: timing.now())
        }
        do {
            let tenant = try tenant(name, for: caller)
            guard let life = Self.life(try decoded(TokenRequestBody.self, body)) else {
                throw ServiceError.badRequest("min_ttl takes \(Self.lives.lowerBound) to \(Self.lives.upperBound)")
            }
            do {
                let token = try await tokens.token(for: tenant, goodFor: .seconds(life))
                try note("given")
                refresher.note(tenant)
                metrics.noteToken(of: tenant, result: "given")
                return .json(try texts.body(token, of: tenant, at: timing.now()))
            } catch {
                let refusal = ServiceError(error, tenant: tenant)
                // Names that anybody can make up are no reason to grow.
                if (error as? StoreError)?.code != .unknownTenant {
                    metrics.noteToken(of: tenant, result: refusal.type)
                }
                throw refusal
            }
        } catch let error as ServiceError {
            try note(error.type)
            throw error
        }
    }

    /// A token that is remembered, as ``token(_:for:from:body:)`` hands it out.
    ///
    /// - Returns: nil where there is none, or anything is not as usual.
    func warmToken(
        of tenant: TenantName, for caller: Principal, from address: String?, body: ByteBuffer?,
        taking rateLimiter: ClientRateLimiter
    ) -> ByteBuffer? {
        // Failing is left to the other way, which tells why.
        guard caller.mayHave(tenant), let life = life(body),
            let token = tokens.remembered(for: tenant, goodFor: .seconds(life)),
            let text = try? texts.body(token, of: tenant, at: timing.now()),
            (try? rateLimiter.take(caller)) != nil,
            (try? audit.note(
                "token", who: caller.name, address: address, tenant: tenant.text, result: "given", at: timing.now()))
                != nil
        else { return nil }
        refresher.note(tenant)
        metrics.noteToken(of: tenant, result: "given")
        return text
    }

    private func life(_ body: ByteBuffer?) -> Int? {
        guard let body, body.readableBytes <= 256 else { return nil }
        if body.readableBytesView.elementsEqual("{}".utf8) { return Self.usualLife }
        return (try? ServiceJSON.decode(TokenRequestBody.self, from: body.readableBytesView)).flatMap(Self.life)
    }

    /// Seconds; nil for what the platform does not promise.
    private static func life(_ demand: TokenRequestBody) -> Int? {
        let life = demand.minTtl ?? usualLife
        return lives.contains(life) ? life : nil
    }

    /// Strikes a token that the platform refused.
    ///
    /// - Throws: ``ServiceError``; what striking it throws.
    func reject(_ name: String, for caller: Principal, from address: String?, body: [UInt8]) async throws
        -> ServiceResponse
    {
        let tenant = try tenant(name, for: caller)
        let text = try decoded(RejectTokenRequest.self, body).tenantAccessToken
        // Only the text is compared. One that cannot be a token is none of ours.
        if let token = TenantAccessToken(text, expiresAt: timing.now()) {
            try await about(tenant) { try await tokens.reject(token, for: tenant) }
        }
        try audit.note(
            "reject", who: caller.name, address: address, tenant: name, result: "taken", at: timing.now())
        return try .json(["rejected": true])
    }

    /// Reserves requests, and takes note of what became of earlier ones.
    ///
    /// - Throws: ``ServiceError``; what counting throws.
    func quota(_ name: String, for caller: Principal, body: [UInt8]) async throws -> ServiceResponse {
        let tenant = try tenant(name, for: caller)
        let demand = try decoded(QuotaRequest.self, body)
        guard let api = RateLimitedAPI(rawValue: demand.api), demand.isValid else {
            throw ServiceError.badRequest("api, count, trips, unused or pause_ms is out of its bounds")
        }
        return try await about(tenant) {
            try .json(try await reply(demand.count ?? 0, demand.report, on: QuotaKey(api, of: tenant)))
        }
    }

    private func reply(_ count: Int, _ report: QuotaReport, on line: QuotaKey) async throws -> QuotaResponse {
        guard count > 0 else {
            if report != QuotaReport() { try await quotaStore.note(report, on: line) }
            return QuotaResponse(
                now: timing.now().milliseconds, instants: [], epoch: try await quotaStore.epoch(of: line), fastest: nil,
                isLimited: true)
        }
        if !report.unused.isEmpty || report.pause != nil {
            try await quotaStore.note(QuotaReport(unused: report.unused, pause: report.pause), on: line)
        }
        let grant = try await quotaStore.grant(count, from: line, trips: report.trips)
        return QuotaResponse(
            now: grant.now, instants: grant.instants, epoch: grant.epoch,
            fastest: grant.minimumRoundTrip == .max ? nil : grant.minimumRoundTrip, isLimited: grant.isLimited)
    }

    /// How one tenant stands.
    ///
    /// - Throws: ``ServiceError``; what reading throws.
    func state(_ name: String, for caller: Principal) async throws -> ServiceResponse {
        let tenant = try tenant(name, for: caller)
        return try await about(tenant) { try .json(try await store.tenantState(tenant, quotaStore: quotaStore)) }
    }

    /// How all tenants of a caller stand, by name.
    ///
    /// - Throws: what reading throws.
    func states(for caller: Principal) async throws -> [TenantState] {
        try await store.tenantStates(where: caller.mayHave, quotaStore: quotaStore)
    }

    /// Runs a body whose errors are about a tenant.
    private func about<Result>(_ tenant: TenantName, _ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            throw ServiceError(error, tenant: tenant)
        }
    }

    /// - Throws: ``ServiceError`` for a name that is none, and for a tenant that is not the caller's.
    private func tenant(_ name: String, for caller: Principal) throws -> TenantName {
        guard let tenant = try? TenantName(name), caller.mayHave(tenant) else { throw ServiceError.unknownTenant(name) }
        return tenant
    }

    private func decoded<Body: Decodable>(_ type: Body.Type, _ body: [UInt8]) throws -> Body {
        do {
            return try ServiceJSON.decode(type, from: body)
        } catch {
            throw ServiceError.badRequest("the body is not the JSON that this address takes")
        }
    }
}
