import ImageFetch
import LarkAPI

/// Downloads the images that a list names, into one directory, with tokens of any source. It uses no store.
///
/// Run it again with the same list to download what is missing: files that exist are kept, and cost no request.
struct ListDownload: Sendable {
    let tokens: any TenantTokenProvider
    let tenant: TenantName
    let host: LarkHost
    let directory: String

    /// Downloads the images of the lines: `KEY`, `MESSAGE_ID/KEY`, or another form of ``FetchListFormat``.
    ///
    /// - Parameter report: called with one line for each image.
    /// - Returns: how many images were downloaded, existed or failed.
    func run(_ lines: [String], report: @escaping (String) -> Void) async throws -> BulkProgress {
        let format = FetchListFormat(tenant: tenant)
        let items = try lines.compactMap { try format.item($0) }
        var options = BulkOptions()
        options.directory = directory
        var connections = LarkClient.Connections()
        connections.perHost = options.jobs
        return try await LarkClient.withClient(connections: connections) { client in
            // Every attempt asks for a token, so a source that is slow is asked once a second at most.
            let bulk = BulkDownload(
                client: client, tokens: CachingTokenProvider(tokens), quota: PacedRateLimiter(), options: options
            ) { _ in host }
            return try await bulk.run(.items(items)) { event in
                switch event {
                case .done(let item, let outcome): report("\(item.reference): \(outcome.path ?? "")")
                case .failed(let item, let failure): report("\(item.reference): \(failure)")
                default: break
                }
            }
        }
    }
}
