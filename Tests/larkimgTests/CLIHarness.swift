import FoundationEssentials
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

/// An operator's cli: a folder for store, key and images, a local platform, and the larkimg that was built.
///
/// Nothing is shared between two desks, so that tests run side by side.
struct CLIHarness: Sendable {
    static let appID = "cli_desk"
    static let secret = "canary-app-secret-4711"

    let folder: TemporaryFolder
    let emulator: Emulator
    let port: Int
    /// The URL of a store on a server; nil for one in a file.
    var storeURL: String?

    private let program = BuiltProgram("larkimg")

    /// The address that the emulator listens on.
    var host = "127.0.0.1"

    var platform: String { "http://\(host):\(port)" }

    var environment: [String: String] {
        [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": folder.path.string,
            "LARKIMG_STORE": storeURL ?? folder.appending("home/store.sqlite").string,
            "LARKIMG_KEY_FILE": folder.appending("home/key").string,
        ]
    }

    /// Runs larkimg in the cli's folder `work`.
    func larkimg(
        _ arguments: String..., input: String = "", extra: [String: String] = [:], wrapper: [String] = [],
        during body: @escaping @Sendable (Int32) async throws -> Void = { _ in }
    ) async throws -> BuiltProgram.Ending {
        try await larkimg(arguments, input: input, extra: extra, wrapper: wrapper, during: body)
    }

    func larkimg(
        _ arguments: [String], input: String = "", extra: [String: String] = [:], wrapper: [String] = [],
        during body: @escaping @Sendable (Int32) async throws -> Void = { _ in }
    ) async throws -> BuiltProgram.Ending {
        let ending = try await program.run(
            arguments, environment: environment.merging(extra) { _, new in new }, in: folder.appending("work"),
            input: input, wrapper: wrapper, body: body)
        if ending.isCrash { Issue.record("larkimg \(arguments) crashed (\(ending.status)):\n\(ending.errors)") }
        return ending
    }

    /// Runs a shell script in which `larkimg` is the one that was built.
    func shell(
        _ script: String, extra: [String: String] = [:],
        during body: @escaping @Sendable (Int32) async throws -> Void = { _ in }
    ) async throws -> BuiltProgram.Ending {
        let home = program.executable.removingLastComponent().string
        let variables = environment.merging(extra) { _, new in new }
            .merging(["PATH": "\(home):\(environment["PATH", default: ""])"]) { _, new in new }
        return try await BuiltProgram("/bin/bash")
            .run(
                ["-c", script], environment: variables, in: folder.appending("work"), body: body)
    }

    /// Registers the tenant `acme` with the cli's app, unverified: no token is asked for.
    func addTenant(_ name: String = "acme", appID: String = Self.appID, secret: String = Self.secret) async throws {
        let ending = try await larkimg(
            "tenant", "add", name, "--app-id", appID, "--app-secret-file", "-", "--host", platform, "--no-verify",
            "--insecure-http", input: secret)
        try #require(ending.status == 0, "\(ending.errors)")
    }

    /// Stores images on the platform, and returns their keys.
    func seedImages(_ count: Int, appID: String = Self.appID) -> [String] {
        (0..<count).map { _ in emulator.seedImage(appID: appID, bytes: SampleImages.png) }
    }

    /// Writes a list of downloads into the folder `work`.
    func writeList(_ lines: [String], name: String = "list") throws {
        try folder.write(Array(lines.map { "\($0)\n" }.joined().utf8), to: "work/\(name)")
    }

    /// The names of the files that fetches have left.
    func files() throws -> [String] { try folder.names(in: "work") }

    /// How often the platform was asked for a token.
    var tokenCalls: Int { emulator.count(of: .tenantAccessTokenInternal) }
}

/// Runs a body at a cli of its own, with the tenant `acme` registered.
///
/// - Parameter storeURL: where its store is; nil for a file.
func withCLI(
    on storeURL: String? = nil, _ change: (inout EmulatorConfiguration) -> Void = { _ in },
    _ body: (CLIHarness) async throws -> Void
) async throws {
    await ConcurrencyLimit.shared.take()
    defer { Task { await ConcurrencyLimit.shared.leave() } }
    try await withTemporaryFolder { folder in
        try FileManager.default.createDirectory(
            atPath: folder.appending("work").string, withIntermediateDirectories: true)
        var configuration = EmulatorConfiguration(apps: [.custom(CLIHarness.appID, secret: CLIHarness.secret)])
        change(&configuration)
        try await withEmulator(configuration) { emulator, port in
            let cli = CLIHarness(
                folder: folder, emulator: emulator, port: port, storeURL: storeURL, host: configuration.host)
            try await cli.addTenant()
            try await body(cli)
        }
    }
}

/// How many harnesses run at once: each of them starts processes, and a platform that is starved of the
/// processor by the others would look like one that is silent.
private actor ConcurrencyLimit {
    static let shared = ConcurrencyLimit(count: 6)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(count: Int) {
        free = count
    }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
