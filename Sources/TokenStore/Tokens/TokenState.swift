import Crypto
package import FoundationEssentials
import LarkAPI

/// The owner of a token: a tenant, or a store app itself.
enum TokenOwner: Sendable, Hashable, CustomStringConvertible {
    /// The owner of a tenant_access_token.
    case tenant(TenantName)
    /// The owner of an app_access_token, which is used to request the tokens of the app's tenants.
    case app(AppName)

    var name: String {
        switch self {
        case .tenant(let name): name.text
        case .app(let name): name.text
        }
    }

    var description: String {
        switch self {
        case .tenant: "tenant \(name)"
        case .app: "app \(name)"
        }
    }
}

/// Everything the store knows about a token, from one read.
struct TokenState: Sendable {
    let owner: TokenOwner
    let app: AppRecord
    /// Empty for a custom app's tenant, and for a store app's own token.
    let tenantKey: String
    let createdAt: Date
    let quota: RequestRate

    /// The token of the app's present generation, expired or not; nil when there is none or it was invalidated.
    let token: TenantAccessToken?

    /// When the token was stored.
    let obtainedAt: Date?

    /// When the token expires; known without opening it.
    let expiresAt: Date?

    /// Grows with every change of the token; 0 when there never was one.
    let renewal: Int64

    /// The token that was reported as rejected last.
    let rejection: Rejection?

    /// The last request for a token, if it failed.
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

/// The age of a token, which decides whether it is renewed.
package enum TokenAge: Sendable {
    /// More than 30 minutes left: the platform would return the same token.
    case fresh
    /// 30 minutes or less left: still valid, and to be renewed in the meantime.
    case expiring
    /// No longer valid, or stored by a clock that was turned back since.
    case expired

    /// Clocks are corrected by a minute without anything being wrong.
    private static let clockTolerance = 60.0

    package init(obtainedAt: Date, expiresAt: Date, at now: Date) {
        let remaining = expiresAt.timeIntervalSince(now)
        if remaining <= 0 || now <= obtainedAt.addingTimeInterval(-Self.clockTolerance) {
            self = .expired
        } else {
            self = .seconds(remaining) > TenantAccessToken.renewalWindow ? .fresh : .expiring
        }
    }
}

extension TenantSummary {
    /// The age of the cached token; nil if there is none.
    package func tokenAge(at now: Date) -> TokenAge? {
        guard let tokenObtainedAt, let tokenExpiresAt else { return nil }
        return TokenAge(obtainedAt: tokenObtainedAt, expiresAt: tokenExpiresAt, at: now)
    }
}

extension TokenState {
    /// Seconds for which reports against a token are ignored after the platform confirmed it.
    private static let confirmationPeriod = 300.0

    /// A lifetime, in seconds, that is no more than the interval between two requests for a token.
    private static let shortLifetime = 60.0

    /// Whether the token was issued for so short a time that it is used to its end, however long its caller needs one:
    /// otherwise every caller would request another.
    var isShortLived: Bool {
        guard let obtainedAt, let expiresAt else { return false }
        return expiresAt.timeIntervalSince(obtainedAt) <= Self.shortLifetime
    }

    /// Returns the token if no renewal is due and it is valid for so long.
    func freshToken(at now: Date, goodFor minimum: Duration) -> TenantAccessToken? {
        guard let (token, age) = validToken(at: now) else { return nil }
        return isShortLived || age == .fresh && token.remaining(at: now) >= minimum ? token : nil
    }

    /// Returns the token if it is valid, and how old it is.
    func validToken(at now: Date) -> (token: TenantAccessToken, age: TokenAge)? {
        guard let token, let obtainedAt else { return nil }
        let age = TokenAge(obtainedAt: obtainedAt, expiresAt: token.expiresAt, at: now)
        return age == .expired ? nil : (token, age)
    }

    /// Whether the platform returned this token again after it was reported as rejected. Its word counts for more than
    /// a caller's: the API may take no tenant token, or the report may be wrong (document "Get tenant_access_token").
    func isConfirmed(_ token: TenantAccessToken, at now: Date) -> Bool {
        guard let rejection, self.token?.secret == token.secret, rejection.digest == Rejection.digest(of: token) else {
            return false
        }
        return rejection.at.isWithin(Self.confirmationPeriod, before: now)
    }
}
