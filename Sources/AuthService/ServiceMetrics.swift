import AuthServiceClient
import FoundationEssentials
import Hummingbird
import LarkAPI
import Synchronization
import TokenStore

/// The service's counters, and their exposition for Prometheus (document "Text-based format", 0.0.4).
///
/// The libraries that export swift-metrics to Prometheus are not available here, and one scrape needs no more than this.
final class ServiceMetrics: Sendable {
    /// The values of a counter's two labels; the second is a word or a status.
    private struct Key: Hashable {
        let first: String
        var second = ""
        var status = 0

        var words: [String] { [first, status == 0 ? second : "\(status)"] }
    }

    private struct Counters {
        var requests: [Key: Int] = [:]
        /// By name and not by its text, which would fold Unicode normalizations.
        var tokens: [TenantName: [String: Int]] = [:]
        var platformRequests: [Key: Int] = [:]
        var events: [Key: Int] = [:]
        var durations: [String: Histogram] = [:]
    }

    private struct Histogram {
        /// Upper bounds of the buckets, in seconds.
        static let bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

        var counts = [Int](repeating: 0, count: bounds.count + 1)
        var sum = 0.0

        mutating func add(_ seconds: Double) {
            counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
            sum += seconds
        }
    }

    private let counters = Mutex(Counters())

    func recordRequest(_ route: String, status: Int, seconds: Double) {
        counters.withLock { counters in
            counters.requests[Key(first: route, status: status), default: 0] += 1
            counters.durations[route, default: Histogram()].add(seconds)
        }
    }

    /// - Parameter result: `given`, or the type of the error.
    func recordToken(of tenant: TenantName, result: String) {
        counters.withLock { $0.tokens[tenant, default: [:]][result, default: 0] += 1 }
    }

    /// - Parameter error: nil for a success.
    func recordPlatformRequest(_ kind: String, error: (any Error)?) {
        let code =
            switch error {
            case nil: "0"
            case let error as LarkError: error.platformCode.map(String.init) ?? error.kind.rawValue
            default: "cancelled"
            }
        counters.withLock { $0.platformRequests[Key(first: kind, second: code), default: 0] += 1 }
    }

    func recordEvent(isAccepted: Bool) {
        counters.withLock { $0.events[Key(first: isAccepted ? "taken" : "refused"), default: 0] += 1 }
    }

    /// All counters and the state of tenants, as a scrape returns them.
    ///
    /// - Parameters:
    ///   - tenants: the tenants that the sender may use.
    ///   - connections: how many are open; nil leaves out all that shows what other clients do.
    func text(tenants: [TenantState], connections: Int?, at now: Date) -> String {
        let counters = counters.withLock { $0 }
        var text = MetricsText()
        // A load balancer may pass each scrape to another replica.
        text.add(
            "larkimg_replica_info", "gauge", "The process that counts: its host and process id.",
            [(["host": ProcessInfo.processInfo.hostName, "pid": "\(ProcessInfo.processInfo.processIdentifier)"], 1)])
        text.count(
            "larkimg_tokens_total", "Token requests by tenant and result.", ["tenant", "result"],
            tenants.compactMap { try? TenantName($0.tenant) }
                .flatMap { name in (counters.tokens[name] ?? [:]).map { ([name.text, $0.key], $0.value) } })
        if let connections {
            text.count(
                "larkimg_requests_total", "HTTP requests by route and status.", ["route", "status"],
                Self.words(counters.requests))
            addDurations(counters.durations, to: &text)
            text.add("larkimg_connections", "gauge", "Open connections.", [([:], Double(connections))])
            addPlatformCounters(counters, to: &text)
        }
        text.add(
            "larkimg_token_expires_in_seconds", "gauge", "Seconds until the token expires; negative after that.",
            tenants.compactMap { tenant in tenant.tokenExpiresIn.map { (["tenant": tenant.tenant], Double($0)) } })
        text.add(
            "larkimg_token_age_seconds", "gauge", "Seconds since the token was issued.",
            tenants.compactMap { tenant in
                guard let obtained = tenant.tokenObtainedAt.flatMap({ try? Date($0, strategy: .iso8601) }) else {
                    return nil
                }
                return (["tenant": tenant.tenant], now.timeIntervalSince(obtained).rounded())
            })
        text.add(
            "larkimg_tenant_failing", "gauge", "Whether the last request for a token failed.",
            tenants.map { (["tenant": $0.tenant], $0.lastError == nil ? 0 : 1) })
        text.add(
            "larkimg_quota_used", "gauge", "Image requests in the last minute.",
            tenants.flatMap { tenant in
                [("images", tenant.quotaUsed.images), ("message_resources", tenant.quotaUsed.messageResources)]
                    .compactMap { api, count in
                        count.map { (["tenant": tenant.tenant, "api": api], Double($0)) }
                    }
            })
        addMonths(of: tenants, to: &text)
        return text.text
    }

    /// Adds each app once, whatever number of tenants it has.
    private func addMonths(of tenants: [TenantState], to text: inout MetricsText) {
        func samples(_ value: (TenantState) -> Int?) -> [([String: String], Double)] {
            var seen: Set<[String]> = []
            return tenants.compactMap { tenant in
                guard let value = value(tenant), seen.insert([tenant.host, tenant.appId]).inserted else { return nil }
                return (["host": tenant.host, "app_id": tenant.appId], Double(value))
            }
        }
        text.add(
            "larkimg_month_calls", "gauge", "The app's calls to the platform in this calendar month (UTC+8).",
            samples(\.monthCalls))
        text.add(
            "larkimg_month_quota", "gauge", "How many calls the app may make in a calendar month, if that is known.",
            samples(\.monthQuota))
    }

    private func addPlatformCounters(_ counters: Counters, to text: inout MetricsText) {
        text.count(
            "larkimg_platform_requests_total", "Requests to the platform for tokens and app_tickets, by result code.",
            ["kind", "code"], Self.words(counters.platformRequests))
        text.count("larkimg_events_total", "Events from the platform.", ["result"], Self.words(counters.events))
    }

    private static func words(_ counts: [Key: Int]) -> [([String], Int)] {
        counts.map { ($0.key.words, $0.value) }
    }

    private func addDurations(_ durations: [String: Histogram], to text: inout MetricsText) {
        let name = "larkimg_request_duration_seconds"
        text.head(name, "histogram", "Seconds from a request to its response.")
        for (route, histogram) in durations.sorted(by: { $0.key < $1.key }) {
            var total = 0
            for (bound, count) in zip(Histogram.bounds.map { "\($0)" } + ["+Inf"], histogram.counts) {
                total += count
                text.line("\(name)_bucket", ["route": route, "le": bound], Double(total))
            }
            text.line("\(name)_sum", ["route": route], histogram.sum)
            text.line("\(name)_count", ["route": route], Double(total))
        }
    }
}

/// Lines of the text format.
private struct MetricsText {
    private(set) var text = ""

    mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func line(_ name: String, _ labels: [String: String], _ value: Double) {
        let inside = labels.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(Self.escaped($0.value))\"" }
        let whole = value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
        text += "\(name)\(inside.isEmpty ? "" : "{\(inside.joined(separator: ","))}") \(whole)\n"
    }

    mutating func add(_ name: String, _ type: String, _ help: String, _ values: [([String: String], Double)]) {
        head(name, type, help)
        for (labels, value) in values { line(name, labels, value) }
    }

    mutating func count(_ name: String, _ help: String, _ labels: [String], _ counts: [([String], Int)]) {
        let values = counts.sorted { $0.0.lexicographicallyPrecedes($1.0) }
            .map { words, count in
                (Dictionary(uniqueKeysWithValues: zip(labels, words)), Double(count))
            }
        add(name, "counter", help, values)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

extension TokenEndpoint {
    /// The same endpoint, with all its requests counted.
    func counted(by metrics: ServiceMetrics) -> TokenEndpoint {
        @Sendable func counted<Result: Sendable>(
            _ kind: String, _ call: @Sendable () async throws -> Result
        ) async throws -> Result {
            do {
                let result = try await call()
                metrics.recordPlatformRequest(kind, error: nil)
                return result
            } catch {
                metrics.recordPlatformRequest(kind, error: error)
                throw error
            }
        }
        return TokenEndpoint { request, count in
            try await counted(request.kind) { try await self.token(request, count) }
        } probe: { request, count in
            try await counted(request.kind) { try await self.probe(request, count) }
        } requestTicket: { app, count in
            try await counted("ticket") { try await self.requestTicket(app, count) }
        }
    }
}

extension TokenRequest {
    fileprivate var kind: String {
        switch self {
        case .customTenant: "custom_tenant"
        case .app: "app"
        case .storeTenant: "store_tenant"
        }
    }
}

/// Counts requests and their durations by route. It is the outermost middleware, so it sees the final status.
struct RequestMetricsMiddleware: RouterMiddleware {
    let metrics: ServiceMetrics

    func handle(
        _ request: Request, context: ServiceRequestContext,
        next: (Request, ServiceRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let response = try await next(request, context)
        metrics.recordRequest(
            // The pattern and not the path: clients must not be able to create labels.
            context.endpointPath ?? "other", status: response.status.code,
            seconds: (ContinuousClock.now - start) / .seconds(1))
        return response
    }
}
