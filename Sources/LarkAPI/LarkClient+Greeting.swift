package import FoundationEssentials

extension LarkClient {
    /// Asks a host for nothing in particular, to see whether it answers.
    ///
    /// - Returns: what its clock shows, to the second; nil when it does not say.
    /// - Throws: ``LarkError`` when it cannot be reached.
    package func greet(_ host: LarkHost) async throws -> Date? {
        try await call(LarkRequest(get: "/open-apis/", host: host)).head.date
    }
}
