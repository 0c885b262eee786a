import Crypto
package import FoundationEssentials
package import LarkAPI

extension TenantAccessToken {
    /// No later than this before the end, in seconds: enough for a few attempts, and for callers that need five minutes.
    private static let latestRenewal = 600.0

    /// When a long-running process renews the token, ten to thirty minutes before it expires.
    ///
    /// Tokens that were obtained together, such as those of all tenants after an outage, are renewed over twenty minutes.
    /// The time depends on the owner's name, so that all replicas of a service find the same.
    package func renewalTime(of owner: String) -> Date {
        let digest = SHA256.hash(data: Array(owner.utf8)).prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let fraction = Double(digest) / Double(UInt32.max)
        let earliest = Self.renewalWindow / .seconds(1)
        return expiresAt.addingTimeInterval((earliest - Self.latestRenewal) * fraction - earliest)
    }
}
