import FoundationEssentials
import Glibc
public import LarkAPI
import Logging

/// A client of the auth service.
public struct ServiceClient: Sendable {
    /// Where the service listens.
    public let address: ServiceAddress

    private let secret: Secret?
    private let client: LarkClient
    private let clocks: Clocks

    /// Creates a client.
    ///
    /// - Parameters:
    ///   - address: where the service listens.
    ///   - secret: the client secret that `larkimg client add` printed; nil for a socket.
    ///   - client: sends the requests; best one of its own, since the service's certificates differ from the platform's.
    ///   - clocks: the waits between attempts.
    public init(_ address: ServiceAddress, secret: Secret?, client: LarkClient, clocks: Clocks = .system) {
        self.address = address
        self.secret = secret
        self.client = client
        self.clocks = clocks
    }

    /// Returns the state of a tenant.
    ///
    /// - Throws: as ``post(_:about:to:retrying:hiding:)``.
    package func state(of tenant: TenantName) async throws -> TenantState {
        try await call(
            LarkRequest(get: Self.path(tenant), at: address.server, bearer: secret), about: tenant, retrying: true)
    }

    /// Sends a request about a tenant.
    ///
    /// - Parameters:
    ///   - body: sent as JSON.
    ///   - tenant: the tenant.
    ///   - what: the last part of the path.
    ///   - retrying: whether to try again while the service restarts or has too much to do; see ``RetrySchedule``.
    ///   - secrets: what the body holds that no message may repeat.
    /// - Throws: ``LarkError`` for an error of the platform and for a service that cannot be reached;
    ///   ``ServiceRefusal`` for an error of the service itself.
    func post<Response: Decodable & Sendable>(
        _ body: some Encodable, about tenant: TenantName, to what: String, retrying: Bool, hiding secrets: [Secret] = []
    ) async throws -> Response {
        try await call(
            LarkRequest(
                post: "\(Self.path(tenant))/\(what)", at: address.server, json: Array(try ServiceJSON.encode(body)),
                secrets: secrets, bearer: secret),
            about: tenant, retrying: retrying)
    }

    private func call<Response: Decodable & Sendable>(
        _ request: LarkRequest, about tenant: TenantName, retrying: Bool
    ) async throws -> Response {
        do {
            return try await call(request, retrying: retrying)
        } catch let refusal as ServiceRefusal where refusal.isAboutUnknownTenant {
            throw refusal.naming(await nearestName(to: tenant))
        }
    }

    /// The nearest name of a tenant that this client may use; nil also if the names cannot be read.
    private func nearestName(to tenant: TenantName) async -> String? {
        let request = LarkRequest(get: "/v1/tenants", at: address.server, bearer: secret)
        let list: TenantNames? = try? await callOnce(request)
        return list.flatMap { NearestName.of(tenant.text, in: $0.tenants.map(\.tenant)) }
    }

    private func call<Response: Decodable & Sendable>(_ request: LarkRequest, retrying: Bool) async throws -> Response {
        var schedule = RetrySchedule(startedAt: clocks.now())
        while true {
            do {
                return try await callOnce(request)
            } catch {
                guard retrying, let wait = schedule.wait(after: error, now: clocks.now(), random: clocks.random())
                else { throw error }
                if schedule.attempts == 1 {
                    Logger.current.warning(
                        "the auth service cannot serve this request, so it is repeated",
                        metadata: ["service": "\(address)", "error": "\(error)"])
                }
                try await clocks.sleep(wait)
            }
        }
    }

    private func callOnce<Response: Decodable & Sendable>(_ request: LarkRequest) async throws -> Response {
        let head: ResponseHead
        let body: [UInt8]
        do {
            (head, body) = try await client.call(request)
        } catch let error as LarkError where error.kind == .unreachable || error.isRetryable {
            throw explained(error)
        }
        guard head.status == 200 else { throw head.serviceError(body, address: address) }
        do {
            return try ServiceJSON.decode(Response.self, from: body)
        } catch {
            throw LarkError(
                .badResponse, "\(address) did not respond like an auth service",
                remedy: Remedy("", PlatformAction.checkServiceAddress), underlying: error)
        }
    }

    /// A connection that failed, with what to do about it at a service.
    private func explained(_ error: LarkError) -> any Error {
        if let path = address.server.socketPath {
            let access = SocketAccess(path)
            let isDenied = [EACCES, EPERM].contains(error.systemErrorNumber)
            // The service closes the connections of users that it does not serve.
            if isDenied || error.systemErrorNumber == nil && !access.isGranted {
                return ServiceRefusal.denied(at: address, access)
            }
        } else if !address.server.isSecure, error.isClosedConnection {
            return error.withRemedy(
                Remedy("If the service uses TLS, its address begins with https://", PlatformAction.checkServiceAddress))
        }
        guard error.isRetryable else { return error }
        return error.withRemedy(Remedy("Check that the service runs there", PlatformAction.checkServiceAddress))
    }

    private static func path(_ tenant: TenantName) -> String {
        "/v1/tenants/\(PercentEncoding.text(tenant.text.utf8))"
    }
}

/// When a failed request to the service is repeated.
///
/// Nothing listens while a service restarts, for some seconds. A service that is busy, or that limits this client,
/// says when to come back; the random part keeps clients that were refused together from coming back together. A
/// service that accepts connections and does not respond is not asked again: that would take too long.
struct RetrySchedule {
    private(set) var attempts = 0
    private let startedAt: Date

    /// No attempt begins later than this after the first: together with the time of the last one it makes 30 s.
    private static let longestTime = Duration.seconds(20)
    private static let maximumAttempts = 9
    /// A broken connection may be the end of a service that is then started again.
    private static let maximumBreaks = 3
    private static let longestWait = Duration.seconds(10)
    private static let backoff = Backoff(
        tries: maximumAttempts, base: .milliseconds(100), cap: .seconds(2), longestWait: longestWait)

    init(startedAt: Date) {
        self.startedAt = startedAt
    }

    /// Counts a failure, and returns how long to wait before the next attempt; nil to give up.
    ///
    /// - Parameter random: from 0 up to 1.
    mutating func wait(after error: any Error, now: Date, random: Double) -> Duration? {
        attempts += 1
        let wait: Duration
        switch error {
        case let error as ServiceRefusal where error.isRetryable && attempts < Self.maximumAttempts:
            wait = (error.retryAfter ?? .zero) + Self.backoff.jitteredWait(after: attempts + 1, random: random)
        case let error as LarkError where error.kind == .unreachable && error.isRetryable && error.httpStatus == nil:
            let limit = error.isNotListening ? Self.maximumAttempts : error.isTimeout ? 1 : Self.maximumBreaks
            guard attempts < limit else { return nil }
            wait = Self.backoff.jitteredWait(after: attempts, random: random)
        default:
            return nil
        }
        let elapsed = Duration.seconds(max(0, now.timeIntervalSince(startedAt)))
        return wait <= Self.longestWait + .seconds(2) && elapsed + wait <= Self.longestTime ? wait : nil
    }
}

extension LarkError {
    /// Whether nothing listens at the address.
    fileprivate var isNotListening: Bool { [ECONNREFUSED, ENOENT].contains(systemErrorNumber) }
}
