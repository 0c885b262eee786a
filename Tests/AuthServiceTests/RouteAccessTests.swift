import FoundationEssentials
import HTTPTypes
import Hummingbird
import LarkAPI
import TestSupport
import Testing
import TokenStore

@testable import AuthService

@Suite("Every route", .timeLimit(.minutes(5)))
struct RouteAccessTests {
    /// A route of the router, with paths that match it.
    struct Route: Sendable, Hashable {
        let method: String
        let pattern: String

        /// A path for a tenant, who may as well be an app.
        func path(_ name: String) -> String { pattern.replacing("{name}", with: name).replacing("{app}", with: name) }

        /// Routes that anybody may use.
        var isPublic: Bool { isEvent || ["/healthz", "/readyz", "/openapi.json"].contains(pattern) }
        var isEvent: Bool { pattern.hasPrefix("/events/") }
        var body: String? { method == "POST" ? "{}" : nil }
    }

    /// The members of an OpenAPI document that matter here.
    private struct Document: Decodable {
        struct Operation: Decodable {}

        let paths: [String: [String: Operation]]
    }

    /// As the router has them, so that none is forgotten.
    private func routes(_ fixture: ServiceFixture) -> [Route] {
        let service = fixture.service()
        let router = service.buildRouter(
            connections: ConnectionRegistry(limit: 1),
            refresher: TokenRefresher(service.provider, timing: service.timing) { _ in .lark })
        return router.routes.map { Route(method: $0.method.rawValue, pattern: $0.path.description) }
    }

    @Test("The OpenAPI document names the router's routes and no others")
    func documented() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                let text = try await client.send("GET", "/openapi.json", body: nil).body
                let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
                let documented = document.paths.flatMap { pattern, operations in
                    operations.keys.filter { ["get", "post", "put", "patch", "delete"].contains($0) }
                        .map { Route(method: $0.uppercased(), pattern: pattern) }
                }
                #expect(Set(documented) == Set(routes(fixture)))
            }
        }
    }

    @Test("A request without a right secret gets the same 401 on all routes that need one")
    func unauthenticated() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                var bodies: Set<String> = []
                for route in routes(fixture) where !route.isPublic {
                    for name in ["acme", "globex", "nobody"] {
                        for value in [nil, "Bearer lkc_0123456789abcdef_0", "Bearer", "Digest x", ""] {
                            let response = try await client.send(
                                route.method, route.path(name), body: route.body,
                                fields: value.map { [("Authorization", $0)] } ?? [], leavingOut: ["Authorization"])
                            #expect(response.status == 401, "\(route) \(response)")
                            // Otherwise ten wrong secrets lock the address out.
                            fixture.clock.advance(61)
                            bodies.insert(response.body)
                            #expect(response.fields["WWW-Authenticate"] != nil, "\(route)")
                            #expect(response.fields["Cache-Control"] == "no-store")
                            #expect(response.fields["X-Content-Type-Options"] == "nosniff")
                        }
                    }
                }
                #expect(bodies.count == 1, "\(bodies)")
                #expect(fixture.platform.calls == 0)
                #expect(fixture.audit.all.isEmpty)
            }
        }
    }

    @Test("A tenant of others and one that does not exist get the same 404 on all routes, but for the name")
    func wrongTenant() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                var bodies: Set<String> = []
                for route in routes(fixture) where route.pattern.contains("{name}") {
                    for name in ["globex", "nobody", "acme%2F..%2Fglobex", "ACME"] {
                        let response = try await client.send(route.method, route.path(name), body: route.body)
                        #expect(response.status == 404, "\(route) \(response)")
                        bodies.insert(response.body.replacing(name.replacing("%2F", with: "/"), with: "NAME"))
                    }
                }
                #expect(bodies.count == 1, "\(bodies)")
                #expect(fixture.platform.calls == 0)
            }
        }
    }

    @Test("A request of a web page or through a proxy gets the same 403 on all routes but the events'")
    func crossOrigin() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                var bodies: Set<String> = []
                let unknown = Route(method: "GET", pattern: "/unknown")
                for route in routes(fixture) + [unknown] where !route.isEvent {
                    for field in [
                        ("Origin", "https://evil.example"), ("Origin", "null"), ("Sec-Fetch-Site", "cross-site"),
                        ("Forwarded", "for=127.0.0.1"), ("X-Forwarded-For", "127.0.0.1"),
                    ] {
                        let response = try await client.send(
                            route.method, route.path("acme"), body: route.body, fields: [field])
                        #expect(response.status == 403, "\(route) \(field)")
                        bodies.insert(response.body)
                    }
                }
                #expect(bodies.count == 1, "\(bodies)")
                #expect(fixture.audit.all.isEmpty)
            }
        }
    }

    @Test("Another method gets 405 and the right one, and a path that is written otherwise gets 404")
    func unmatched() async throws {
        try await withServiceFixture { fixture in
            try await fixture.routing { client in
                for route in routes(fixture) {
                    let path = route.path("acme")
                    for method in ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "X"] where method != route.method
                    {
                        let response = try await client.send(method, path, body: nil)
                        #expect(response.status == 405, "\(method) \(path)")
                        #expect(response.fields["Allow"] == route.method)
                        #expect(response.body.contains(#""type":"method_not_allowed""#))
                    }
                    for other in ["/" + path, path + "/x/y", path.uppercased() + "X", path == "/" ? "//" : path + "/"] {
                        let response = try await client.send(route.method, other, body: route.body)
                        #expect(response.status == 404, "\(other) \(response)")
                        #expect(response.body.contains(#""error":{"#))
                    }
                }
            }
        }
    }
}
