import LarkAPI

/// Identifies what a key of a message stands for: the same image may be in many messages of a tenant, and is requested
/// once. A fingerprint, eight bytes; see ``ListResolver``.
package struct ContentID: Hashable, Sendable {
    private let fingerprint: Int

    /// Identifies the content of a download; nil for an image that the app uploaded.
    package init?(_ item: FetchItem) {
        guard case .messageResource(_, let key, let type) = item.reference else { return nil }
        var hasher = Hasher()
        hasher.combine(item.tenant)
        hasher.combine(key)
        hasher.combine(type)
        fingerprint = hasher.finalize()
    }
}
