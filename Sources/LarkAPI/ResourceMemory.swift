public import FoundationEssentials

/// Why a resource is not requested again.
public struct GoneResource: Sendable, Hashable {
    /// The platform's code.
    public let code: Int
    /// What it means, in one line.
    public let reason: String
    /// When the platform said so.
    public let date: Date

    package init(code: Int, reason: String, date: Date) {
        self.code = code
        self.reason = reason
        self.date = date
    }
}

/// What runs know about the resources of a tenant's messages.
package struct ResourceKnowledge: Sendable, Hashable {
    /// Resources that the platform never delivers to the app.
    package var gone: [ImageReference: GoneResource] = [:]
    /// Resources that were gone, and are delivered again.
    package var delivered: Set<ImageReference> = []
    /// By message_id: the message by which its resources are downloaded.
    package var owners: [MessageID: MessageID] = [:]

    package init() {}

    /// The number of facts.
    package var count: Int { gone.count + delivered.count + owners.count }
}

/// Keeps what runs learn about the resources of messages.
package protocol ResourceMemory: Sendable {
    /// What is known about a tenant's resources.
    ///
    /// - Throws: errors of the storage.
    func resourceKnowledge(of tenant: TenantName) async throws -> ResourceKnowledge

    /// Adds what was learned, and replaces what was known before about the same.
    ///
    /// - Throws: errors of the storage.
    func learn(_ knowledge: ResourceKnowledge, about tenant: TenantName) async throws
}
