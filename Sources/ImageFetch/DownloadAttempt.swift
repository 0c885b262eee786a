import LarkAPI

/// One attempt at one download: a token, a permit, a request, a checked file.
struct DownloadAttempt: Sendable {
    let client: LarkClient
    let host: LarkHost
    let tenant: TenantName
    let tokens: any TenantTokenProvider
    let quota: any RateLimiter
    let limits: DownloadLimits
    let timing: Clocks

    /// Downloads once; a token that is rejected is renewed once, and the request repeated with the new one.
    ///
    /// - Parameters:
    ///   - reference: what to download.
    ///   - target: where to.
    ///   - log: counts the requests.
    ///   - permit: for the first request, if the caller has one already.
    func run(
        _ reference: ImageReference, to target: DownloadTarget, log: AttemptLog, permit: QuotaPermit? = nil
    ) async throws(AttemptFailure) -> DownloadOutcome {
        let request = Request(reference: reference, target: target, log: log)
        do {
            let token = try await token()
            do {
                return try await send(request, token: token, permit: permit)
            } catch let error as LarkError where error.rejectsToken {
                return try await send(request, token: try await renewed(token, because: error), permit: nil)
            }
        } catch {
            throw AttemptFailure(error, isInRoot: target.isInRoot)
        }
    }

    /// What is the same for both requests of an attempt.
    private struct Request {
        let reference: ImageReference
        let target: DownloadTarget
        let log: AttemptLog
    }

    private func token() async throws -> TenantAccessToken {
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
        _ token: TenantAccessToken, because refusal: LarkError
    ) async throws -> TenantAccessToken {
        do {
            try await tokens.reject(token, for: tenant)
        } catch let error as LarkError {
            throw AttemptFailure(ofProvider: error)
        }
        let next = try await self.token()
        guard next.secret != token.secret else { throw refusal }
        return next
    }

    private func send(
        _ request: Request, token: TenantAccessToken, permit: QuotaPermit?
    ) async throws -> DownloadOutcome {
        // The file first: if none can be created, nothing is sent.
        try await request.target.withFile { file in
            let api = request.reference.api
            if permit == nil { _ = try await quota.acquire(api, for: tenant, expecting: 1) }
            request.log.begin()
            return try await send(request, token: token, into: file)
        }
    }

    private func send(
        _ request: Request, token: TenantAccessToken, into file: PendingFile
    ) async throws -> DownloadOutcome {
        let reference = request.reference
        do {
            return try await client.download(reference, from: host, token: token) { head, body in
                let validator = try BodyValidator(reference, token: token, head: head, limits: limits)
                return try await receive(request, head, body, validator, into: file)
            }
        } catch {
            if let error = error as? LarkError, error.isThrottling, let wait = error.retryAfter {
                try await quota.pause(reference.api, for: tenant, for: wait)
            }
            throw error
        }
    }

    private func receive(
        _ request: Request, _ head: ResponseHead, _ body: ResponseBody, _ validator: BodyValidator,
        into file: PendingFile
    ) async throws -> DownloadOutcome {
        var validator = validator
        try await body.read { part in
            try validator.check(part)
            try await file.append(part)
        }
        let (fileExtension, sha256) = try validator.finish()
        request.log.receive()
        let kept = try await request.target.keep(file, fileExtension: fileExtension, timing: timing)
        return DownloadOutcome(
            reference: request.reference, status: kept.existingBytes == nil ? .downloaded : .exists, path: kept.path,
            bytes: kept.existingBytes ?? validator.bytes, contentType: head.contentType,
            sha256: kept.existingBytes == nil ? sha256 : nil, attempts: request.log.attempts)
    }
}
