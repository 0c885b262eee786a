import LarkAPI

/// One try at one download: a token, a permit, a request, a checked file.
struct DownloadAttempt: Sendable {
    let client: LarkClient
    let host: LarkHost
    let tenant: TenantName
    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    let limits: DownloadLimits
    let timing: Clocks

    /// Downloads once; a token that is refused is exchanged once, and the request repeated with the next.
    ///
    /// - Parameters:
    ///   - reference: what to download.
    ///   - place: where to.
    ///   - log: gets what happens.
    ///   - permit: for the first request, where the caller has one already.
    /// - Throws: ``LarkError``, ``ImageFetchError``, ``ProviderFailure``; `CancellationError`.
    func run(
        _ reference: ImageReference, to place: DownloadTarget, noting log: AttemptLog, permit: QuotaPermit? = nil
    ) async throws -> DownloadOutcome {
        let token = try await token()
        do {
            return try await send(reference, to: place, token, log, permit)
        } catch let error as LarkError where error.rejectsToken {
            return try await send(reference, to: place, try await exchanged(token, because: error), log, nil)
        }
    }

    private func token() async throws -> TenantAccessToken {
        do {
            return try await tokens.token(for: tenant, goodFor: limits.tokenLife)
        } catch let error as LarkError {
            throw ProviderFailure(error: error)
        }
    }

    /// A token in the place of a refused one.
    ///
    /// Where a provider hands the refused one out again, the platform's refusal stands: asking on would be a loop.
    private func exchanged(
        _ token: TenantAccessToken, because refusal: LarkError
    ) async throws -> TenantAccessToken {
        do {
            try await tokens.reject(token, for: tenant)
        } catch let error as LarkError {
            throw ProviderFailure(error: error)
        }
        let next = try await self.token()
        guard next.secret != token.secret else { throw refusal }
        return next
    }

    private func send(
        _ reference: ImageReference, to place: DownloadTarget, _ token: TenantAccessToken, _ log: AttemptLog,
        _ permit: QuotaPermit?
    ) async throws -> DownloadOutcome {
        // The file first: where none can be made, nothing need be sent.
        try await place.withFile { file in
            let permit =
                if let permit { permit } else { try await quota.acquire(reference.api, for: tenant, expecting: 1) }
            log.begin()
            return try await send(reference, to: place, token, log, permit, into: file)
        }
    }

    private func send(
        _ reference: ImageReference, to place: DownloadTarget, _ token: TenantAccessToken, _ log: AttemptLog,
        _ permit: QuotaPermit, into file: PendingFile
    ) async throws -> DownloadOutcome {
        var isSettled = false
        do {
            return try await client.download(reference, from: host, token: token) { head, body in
                await quota.complete(permit, isAnswered: true)
                isSettled = true
                return try await receive(reference, head, body, into: file, to: place, token, log)
            }
        } catch {
            if !isSettled { await quota.complete(permit, isAnswered: (error as? LarkError)?.httpStatus != nil) }
            if let error = error as? LarkError, error.isThrottling, let wait = error.retryAfter {
                try await quota.pause(reference.api, for: tenant, for: wait)
            }
            throw error
        }
    }

    private func receive(
        _ reference: ImageReference, _ head: ResponseHead, _ body: ResponseBody, into file: PendingFile,
        to place: DownloadTarget, _ token: TenantAccessToken, _ log: AttemptLog
    ) async throws -> DownloadOutcome {
        var validator = try BodyValidator(reference, token: token, head: head, limits: limits)
        try await body.read { part in
            try validator.check(part)
            try await file.append(part)
        }
        let (fileExtension, sha256) = try validator.finish()
        log.receive()
        let kept = try await place.keep(file, fileExtension: fileExtension, timing: timing)
        return DownloadOutcome(
            reference: reference, status: kept.existingBytes == nil ? .downloaded : .exists, path: kept.path,
            bytes: kept.existingBytes ?? validator.bytes, contentType: head.contentType,
            sha256: kept.existingBytes == nil ? sha256 : nil, attempts: log.attempts)
    }
}

/// An error of the token provider, which has repeated what it could by rules of its own.
struct ProviderFailure: Error {
    let error: LarkError
}
