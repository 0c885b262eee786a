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

    /// The token of the app's present generation, dead or alive; nil when there is none or it was struck.
    let token: TenantAccessToken?

    /// When the token was had; before this instant the clock was turned back.
    let obtainedAt: Date?

    /// Grows with every change of the token; 0 when there never was one.
    let renewal: Int64

    /// The token struck last.
    let rejection: Rejection?

    /// The last request for a token, where it failed.
    let failure: RenewalFailure?

    /// A token that was struck, known by its digest, so that it is known again when the platform repeats it.
    struct Rejection: Sendable {
        let digest: [UInt8]
        let at: Date

        /// SHA-256: tokens are long and random, so the digest gives nothing away.
        static func digest(of token: TenantAccessToken) -> [UInt8] {
            Array(SHA256.hash(data: Array(token.secret.revealedText.utf8)))
        }
    }
}

extension TokenState {
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
