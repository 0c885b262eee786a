import FoundationEssentials
import Glibc
import LarkEmulator
import Synchronization
import SystemPackage
import TestSupport
import Testing

extension CLIHarness {
    /// A service that runs, and what it takes to ask it.
    struct Service: Sendable {
        let pid: Int32
        /// What `--auth-service` takes.
        let url: String
    }

    /// The App ID, Encrypt Key and Verification Token of the store app that ``withShop(_:)`` registers.
    static let shop = "cli_shop"
    static let encryptKey = "canary-encrypt-key"
    static let verificationToken = "canary-verification-token"

    /// The environment of somebody who has neither store nor key.
    func environmentWithoutStore(secret: String? = nil) throws -> [String: String] {
        var variables = ["LARKIMG_STORE": "/nonexistent/store", "LARKIMG_KEY_FILE": "/nonexistent/key"]
        if let secret {
            variables["LARKIMG_AUTH_SECRET_FILE"] = try folder.write(Array(secret.utf8), to: "secret").string
        }
        return variables
    }

    /// The socket that services of this cli listen on.
    var socket: String { folder.appending("run/larkimg.sock").string }

    /// Runs `larkimg serve` on the cli's socket while a body talks to it, then ends it.
    func servingOnSocket(
        _ arguments: String..., extra: [String: String] = [:], signal: Int32 = SIGTERM,
        _ body: @escaping @Sendable (Service) async throws -> Void
    ) async throws -> BuiltProgram.Ending {
        let socket = socket
        return try await larkimg(["serve", "--socket", socket] + arguments, extra: extra) { pid in
            defer { kill(pid, signal) }
            try await eventually { isServed }
            try await body(Service(pid: pid, url: "unix://\(socket)"))
        }
    }

    /// Runs `larkimg serve` on a free port of this machine while a body talks to it, then ends it.
    func servingOnPort(
        _ arguments: String..., wrapper: [String] = [],
        during body: @escaping @Sendable (Service, Int) async throws -> Void
    ) async throws -> BuiltProgram.Ending {
        let file = folder.appending("port").string
        unlink(file)
        let words = ["serve", "--listen", "127.0.0.1:0", "--port-file", file] + arguments
        return try await larkimg(words, wrapper: wrapper) { pid in
            defer { kill(pid, SIGTERM) }
            try await eventually { access(file, F_OK) == 0 }
            let port = Int(String(decoding: try folder.read("port"), as: UTF8.self).prefix { $0.isNumber }) ?? 0
            try await body(Service(pid: pid, url: "http://127.0.0.1:\(port)"), port)
        }
    }

    /// Whether a service accepts connections on the cli's socket, and has set its mode. A killed one leaves its file
    /// behind.
    var isServed: Bool {
        var status = stat()
        guard lstat(socket, &status) == 0, status.st_mode & 0o777 != 0o700 else { return false }
        let number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    /// Registers a client of the service and returns its secret.
    func addClient(_ name: String, tenants: String) async throws -> String {
        let ending = try await larkimg("client", "add", name, "--tenants", tenants)
        try #require(ending.status == 0, "\(ending.errors)")
        return try #require(ending.lines.first)
    }
}

/// Runs a body at a cli whose platform has the store app `shop`, registered with its Encrypt Key and Verification Token,
/// and the tenant `globex` of it.
func withShop(_ body: (CLIHarness) async throws -> Void) async throws {
    try await withCLI {
        var app = EmulatedApp.store(CLIHarness.shop, secret: "canary-shop-secret", installed: ["key1"])
        app.encryptKey = CLIHarness.encryptKey
        app.verificationToken = CLIHarness.verificationToken
        $0.apps.append(app)
        $0.eventTimeouts = EventTimeouts(all: 600)
    } _: { cli in
        let key = try cli.folder.write(Array(CLIHarness.encryptKey.utf8), to: "ek").string
        let token = try cli.folder.write(Array(CLIHarness.verificationToken.utf8), to: "vt").string
        let added = try await cli.larkimg(
            "app", "add", "shop", "--app-id", CLIHarness.shop, "--app-secret-file", "-", "--host", cli.platform,
            "--encrypt-key-file", key, "--verification-token-file", token, input: "canary-shop-secret")
        try #require(added.status == 0, "\(added.errors)")
        let tenant = try await cli.larkimg(
            "tenant", "add", "globex", "--app", "shop", "--tenant-key", "key1", "--no-verify")
        try #require(tenant.status == 0, "\(tenant.errors)")
        try await body(cli)
    }
}
