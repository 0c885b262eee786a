import LarkAPI

/// Identifies what a key of a message stands for: the same image may be in many messages of a tenant, and is requested
/// once. A fingerprint, eight bytes; see ``ListResolver``.
struct ContentID: Hashable, Sendable {
    private let fingerprint: Int

    /// - Returns: nil for what is no part of a message: an image that the app uploaded, and a message.
    init?(_ item: BulkItem) {
        guard case .download(let item) = item, case .messageResource(_, let key, let type) = item.reference else {
            return nil
        }
        var hasher = Hasher()
        hasher.combine(item.tenant)
        hasher.combine(key)
        hasher.combine(type)
        fingerprint = hasher.finalize()
    }
}
