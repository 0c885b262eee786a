import LarkAPI

/// What all downloads of a run share.
struct DownloadContext: Sendable {
    let client: LarkClient
    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    let limits: DownloadLimits
    let clocks: Clocks

    /// Sends a request with a token. One that is rejected is renewed once, and the request repeated with the new one.
    ///
    /// - Parameters:
    ///   - permit: for the first request, if the caller has one already.
    ///   - send: gets the token, and the permit if there is one.
    func withToken<Result>(
        for tenant: TenantName, permit: QuotaPermit?,
        _ send: (TenantAccessToken, QuotaPermit?) async throws -> Result
    ) async throws -> Result {
        let token = try await token(for: tenant)
        do {
            return try await send(token, permit)
        } catch let error as LarkError where error.rejectsToken {
            return try await send(try await renewed(token, for: tenant, because: error), nil)
        }
    }

    private func token(for tenant: TenantName) async throws -> TenantAccessToken {
        do {
            return try await tokens.token(for: tenant, goodFor: limits.tokenLife)
        } catch let error as LarkError {
            throw AttemptFailure(ofProvider: error)
        }
    }

    /// Exchanges a rejected token.
    ///
    /// If the provider returns the same token again, the platform's refusal stands: repeating would be a loop.
    private func renewed(
        _ token: TenantAccessToken, for tenant: TenantName, because refusal: LarkError
    ) async throws -> TenantAccessToken {
        do {
            try await tokens.reject(token, for: tenant)
        } catch let error as LarkError {
            throw AttemptFailure(ofProvider: error)
        }
        let next = try await self.token(for: tenant)
        guard next.secret != token.secret else { throw refusal }
        return next
    }

    /// Passes on how long the platform wants no requests of an API, and that the calls of the month are used up.
    func reporting<Result>(
        _ api: RateLimitedAPI, for tenant: TenantName, _ send: () async throws -> Result
    ) async throws -> Result {
        do {
            return try await send()
        } catch let error as LarkError {
            if error.isThrottling, let wait = error.retryAfter { try await quota.pause(api, for: tenant, for: wait) }
            // That the platform refuses the request matters more than whether it could be recorded.
            if error.isMonthUsedUp { try? await quota.reportUsedUpMonth(for: tenant) }
            throw error
        }
    }
}
