extension LarkClient {
    /// Requests an image or a message's resource, and passes the body of a successful response to a closure.
    ///
    /// The platform has been seen to send errors as JSON with status 200, so the closure must check what the bytes are
    /// (``platformError(in:head:of:token:)``).
    ///
    /// - Throws: ``LarkError`` for an error response; what `receive` throws.
    package func download<Result>(
        _ reference: ImageReference,
        from host: LarkHost,
        token: TenantAccessToken,
        receive: (ResponseHead, ResponseBody) async throws -> Result
    ) async throws -> Result {
        let request = LarkRequest(get: reference.endpoint, at: host.address, bearer: token.secret)
        return try await exchange(request) { head, body in
            guard head.status == 200 else {
                let bytes = try await body.bytes(upTo: 1 << 20) ?? []
                throw Self.platformError(in: bytes, head: head, of: reference, token: token) ?? .notADownload(head)
            }
            // TLS shows whether a connection was closed on purpose; plain HTTP does not.
            guard head.endIsMarked || host.address.isSecure else {
                throw LarkError.unmarkedEnd(head)
            }
            return try await receive(head, body)
        }
    }

    /// The platform's error in a body; nil if the body is not an error.
    package static func platformError(
        in body: [UInt8], head: ResponseHead, of reference: ImageReference, token: TenantAccessToken
    ) -> LarkError? {
        let error = LarkError(response: head, body: body, action: "\(reference)", secrets: [token.secret])
        guard case .messageResource = reference, let error,
            let remedy = error.platformCode.flatMap(LarkErrorCode.row(for:))?.messageResourceRemedy
        else { return error }
        return error.withRemedy(remedy)
    }
}

extension LarkError {
    /// A body whose end cannot be distinguished from a broken connection.
    fileprivate static func unmarkedEnd(_ head: ResponseHead) -> LarkError {
        LarkError(
            .badResponse,
            "the server does not state the length of the file, so a truncated file could not be detected",
            remedy: "Use https, or check for a proxy in between",
            httpStatus: head.status,
            logID: head.logID
        )
    }

    /// A success that is not the file, such as 204 or 206.
    fileprivate static func notADownload(_ head: ResponseHead) -> LarkError {
        LarkError(
            .badResponse,
            "the server sent \(head.contentType.map { TerminalText.visible($0, limit: 60) } ?? "something") instead of the file",
            remedy: Remedy("Check any proxy in between, then run this again", PlatformAction.checkHost),
            httpStatus: head.status,
            logID: head.logID
        )
    }
}
