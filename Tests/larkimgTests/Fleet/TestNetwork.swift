#if PostgreSQL
import Glibc
import SystemPackage
import TestSupport
import Testing

/// A network with hosts of its own: network namespaces on a bridge, with this machine at its address.
struct TestNetwork: Sendable {
    static let address = "10.213.97.1"
    static let clients = "10.213.97.0/24"

    private static let bridge = "larkimg-test"

    /// Whether this process may create network namespaces, and the kernel has bridges.
    static func isAvailable() async throws -> Bool {
        guard getuid() == 0 else { return false }
        let probe = try await ip(
            """
            netns add larkimg-probe && ip link add larkimg-pb type bridge \
                && ip link add larkimg-pv type veth peer name eth0 netns larkimg-probe
            status=$?
            ip link delete larkimg-pv; ip link delete larkimg-pb; ip netns delete larkimg-probe
            exit $status
            """)
        return probe.status == 0
    }

    /// Runs a body in a network with so many hosts.
    static func with(hosts: Int, _ body: (TestNetwork) async throws -> Void) async throws {
        try await remove(hosts)
        let names = (1...hosts).map { "larkimg-h\($0)" }
        var commands = [
            "link add \(bridge) type bridge", "addr add \(address)/24 dev \(bridge)", "link set \(bridge) up",
        ]
        for (number, name) in names.enumerated() {
            commands += [
                "netns add \(name)", "link add \(link(number)) type veth peer name eth0 netns \(name)",
                "link set \(link(number)) master \(bridge) up", "-n \(name) link set lo up",
                "-n \(name) addr add 10.213.97.\(number + 11)/24 dev eth0", "-n \(name) link set eth0 up",
            ]
        }
        let ending = try await ip(commands.joined(separator: " && ip "))
        try #require(ending.status == 0, "\(ending.errors)")
        do {
            try await body(TestNetwork())
        } catch {
            try await remove(hosts)
            throw error
        }
        try await remove(hosts)
    }

    /// What runs a command on a host.
    func wrapper(_ host: Int) -> [String] { ["ip", "netns", "exec", "larkimg-h\(host + 1)"] }

    /// Cuts a host off, or connects it again.
    func setConnected(_ host: Int, _ isConnected: Bool) async throws {
        let ending = try await Self.ip("link set \(Self.link(host)) \(isConnected ? "up" : "down")")
        try #require(ending.status == 0, "\(ending.errors)")
    }

    private static func link(_ host: Int) -> String { "larkimg-v\(host)" }

    private static func remove(_ hosts: Int) async throws {
        for host in 1...hosts { _ = try await ip("netns delete larkimg-h\(host)") }
        _ = try await ip("link delete \(bridge)")
    }

    private static func ip(_ command: String) async throws -> BuiltProgram.Ending {
        try await BuiltProgram("/bin/sh")
            .run(["-c", "ip \(command)"], environment: ["PATH": "/usr/sbin:/sbin:/usr/bin:/bin"], in: "/")
    }
}
#endif
