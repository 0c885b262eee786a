import Crypto
import FoundationEssentials
import LarkAPI

/// How a token stands at one moment: whose it is, its age, the last failure. One read of the store.
struct TokenState: Sendable {
    let owner: TokenOwner
    let app: AppRecord
    /// Empty for a custom app's tenant, and for a store app's own token.
    let tenantKey: String
    let createdAt: Date
    let quota: RequestRate

    /// The token of the app's present generation, expired or not; nil when there is none or it was invalidated.
    let token: TenantAccessToken?

    /// When the token was requested; a clock that shows an earlier time was turned back.
    let obtainedAt: Date?

    /// When the token expires; known without opening it.
    let expiresAt: Date?

    /// Grows with every change of the token; 0 when there never was one.
    let renewal: Int64

    /// The token that was reported as rejected last.
    let rejection: Rejection?

    /// The last request for a token, where it failed.
    let failure: RenewalFailure?

    /// A report that the platform rejected a token, which is known by its digest.
    ///
    /// A rejected token that is cached again was confirmed: the platform returned it once more.
    struct Rejection: Sendable {
        let digest: [UInt8]
        /// When it was reported; for a confirmed token, when the platform returned it again.
        let at: Date

        /// SHA-256: tokens are long and random, so the digest gives nothing away.
        static func digest(of token: TenantAccessToken) -> [UInt8] {
            Array(SHA256.hash(data: Array(token.secret.revealedText.utf8)))
        }
    }
}

extension TokenState {
    /// How long reports against a token are ignored after the platform confirmed it, in seconds.
    private static let confirmationPeriod = 300.0

    /// Whether the platform returned this token again after it was reported as rejected. Its word counts for more than
    /// a caller's: the API may take no tenant token, or the report may be wrong (document "Get tenant_access_token").
    func isConfirmed(_ token: TenantAccessToken, at now: Date) -> Bool {
        guard let rejection, self.token?.secret == token.secret, rejection.digest == Rejection.digest(of: token) else {
            return false
        }
        return (0..<Self.confirmationPeriod).contains(now.timeIntervalSince(rejection.at))
    }

    /// The three ages of a token.
    enum Age: Sendable {
        /// More than half an hour left: asking would bring the same token.
        case fresh(TenantAccessToken)
        /// Half an hour or less, enough for the caller: somebody should renew it meanwhile.
        case expiring(TenantAccessToken)
        /// None, dead, too short for the caller, or from a clock that was turned back since.
        case expired
    }

    /// How old the token is for a caller who needs it so long.
    func age(at now: Date, goodFor minimum: Duration) -> Age {
        // A minute of grace: clocks are corrected by that much without anything being wrong.
        guard let token, let obtainedAt, now > obtainedAt.addingTimeInterval(-60) else { return .expired }
        let remaining = token.remaining(at: now)
        guard remaining > .zero, remaining >= minimum else { return .expired }
        return remaining > TenantAccessToken.renewalWindow ? .fresh(token) : .expiring(token)
    }
}
