import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

/// A local platform with one app, a folder to download into, and a clock that records the waits.
///
/// Nothing is shared between two of them, so that tests run side by side.
struct EmulatorFixture: Sendable {
    static let appID = "cli_images"

    let emulator: Emulator
    let port: Int
    let client: LarkClient
    let host: LarkHost
    let tokens: CountingTokenProvider
    let clock: TestClocks
    let folder: TemporaryFolder
    let limits: DownloadLimits

    /// Downloads into the folder, or to where a test says.
    @discardableResult
    func download(
        _ key: String, type: ImageReference.ResourceType? = nil, to destination: Destination? = nil,
        overwrite: Bool = false
    ) async throws -> DownloadOutcome {
        try await downloader.download(
            ImageReference(key, type: type), to: destination ?? .directory(folder.path.string), overwrite: overwrite)
    }

    var downloader: ImageDownloader {
        ImageDownloader(
            client: client, host: host, tenant: tokens.tenant, tokens: tokens, limits: limits, clocks: clock.timing)
    }

    /// Downloads what must fail, and returns how.
    func failure(
        _ key: String, type: ImageReference.ResourceType? = nil, to destination: Destination? = nil,
        overwrite: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> DownloadFailure {
        let failure = await #expect(throws: DownloadFailure.self, sourceLocation: sourceLocation) {
            try await download(key, type: type, to: destination, overwrite: overwrite)
        }
        return try #require(failure, sourceLocation: sourceLocation)
    }

    /// Puts an image of the app into the tenant.
    func seed(_ bytes: [UInt8] = SampleImages.png, contentType: String? = nil) -> String {
        emulator.seedImage(appID: Self.appID, bytes: bytes, contentType: contentType)
    }

    /// Puts a message with one resource into the tenant; returns `MESSAGE_ID/KEY`.
    func seedResource(
        _ key: String, type: SeededMessage.ResourceType = .image, bytes: [UInt8] = SampleImages.png,
        contentType: String? = nil, obstacle: SeededMessage.AccessDenial? = nil
    ) -> String {
        let resource = SeededMessage.Resource(key: key, type: type, bytes: bytes, contentType: contentType)
        let message = emulator.seedMessage(
            SeededMessage(resources: [resource], accessDenial: obstacle), appID: Self.appID)
        return "\(message)/\(key)"
    }

    /// Spoils the downloads of images.
    func spoil(times: Fault.Times = .always, skip: Int = 0, _ actions: Fault.Action...) {
        spoil(times: times, skip: skip, actions)
    }

    func spoil(times: Fault.Times = .always, skip: Int = 0, _ actions: [Fault.Action]) {
        for api in [PlatformAPI.imagesGet, .messageResourceGet] {
            var fault = Fault(api, skip: skip, times: times)
            fault.actions = actions
            emulator.addFault(fault)
        }
    }

    /// How many requests for an image arrived.
    var requests: Int { emulator.count(of: .imagesGet) + emulator.count(of: .messageResourceGet) }

    /// The names in the folder, hidden ones too.
    func files() throws -> [String] { try folder.names() }
}

/// Runs a test with a platform of its own.
///
/// - Parameters:
///   - limits: what a download may take.
///   - idle: how long a connection may be silent.
///   - folder: where to download to, in place of a folder of its own.
///   - timeIsUp: lets the deadline of a download be over in an instant.
///   - waitsForReal: lets waits take their time, for what is asked for again and again.
func withPlatform(
    limits: DownloadLimits = DownloadLimits(), idle: Duration = .seconds(300), folder: TemporaryFolder? = nil,
    timeIsUp: Bool = false, waitsForReal: Bool = false, _ body: (EmulatorFixture) async throws -> Void
) async throws {
    var clientLimits = LarkClient.Limits.patient
    clientLimits.idle = idle
    try await withTemporaryFolder { own in
        try await withEmulator(EmulatorConfiguration(apps: [.custom(EmulatorFixture.appID, secret: "s")])) {
            emulator, port in
            let host = try LarkHost("http://127.0.0.1:\(port)")
            let appID = try AppID(EmulatorFixture.appID)
            // Tokens come by a client of their own, which is as patient as ever.
            let tokens = CountingTokenProvider(tenant: try TenantName("acme")) {
                try await LarkClient.withClient(limits: .patient) { client in
                    try await client.tenantAccessToken(appID: appID, appSecret: Secret("s"), host: host)
                }
            }
            try await LarkClient.withClient(limits: clientLimits) { client in
                // Of what is left of a download's time, some may be used up.
                let clock = TestClocks(
                    waitsForReal: waitsForReal, isDeadline: { !timeIsUp && $0 > limits.totalTime / 4 })
                try await body(
                    EmulatorFixture(
                        emulator: emulator, port: port, client: client, host: host, tokens: tokens, clock: clock,
                        folder: folder ?? own, limits: limits))
            }
        }
    }
}
