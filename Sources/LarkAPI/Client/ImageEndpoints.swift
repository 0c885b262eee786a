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
        let request = LarkRequest(get: reference.endpoint, host: host, bearer: token.secret)
        return try await exchange(request) { head, body in
            guard head.status == 200 else {
                let bytes = try await body.bytes(upTo: 1 << 20) ?? []
                throw Self.platformError(in: bytes, head: head, of: reference, token: token) ?? .notADownload(head)
            }
            // TLS says when a connection was closed on purpose; plain HTTP does not.
            guard head.endIsMarked || host.origin.hasPrefix("https:") else {
                throw LarkError.endUnknown(head)
            }
            return try await receive(head, body)
        }
    }

    /// The platform's error in a body; nil if it is none.
    package static func platformError(
        in body: [UInt8], head: ResponseHead, of reference: ImageReference, token: TenantAccessToken
    ) -> LarkError? {
        let error = LarkError(answer: head, body: body, action: "\(reference)", secrets: [token.secret])
        guard case .messageResource = reference, let error,
            error.platformCode == 234001 || error.platformCode == 234008
        else {
            return error
        }
        // The table's remedy for these two points to message resources, which this is.
        return error.withRemedy(
            Remedy("Check message_id, key and type", PlatformAction.nameUploadedImage)
        )
    }
}

extension LarkError {
    /// A body whose end cannot be told from a broken connection.
    fileprivate static func endUnknown(_ head: ResponseHead) -> LarkError {
        LarkError(
            .badAnswer,
            "the server does not say how long the file is, so a cut could not be told from its end",
            remedy: "Use https, or look for a proxy in between",
            httpStatus: head.status,
            logID: head.logID
        )
    }

    /// A success that is not the file, such as 204 or 206.
    fileprivate static func notADownload(_ head: ResponseHead) -> LarkError {
        LarkError(
            .badAnswer,
            "the server sent \(head.contentType.map { TerminalText.visible($0, limit: 60) } ?? "something") in place of the file",
            remedy: Remedy("Check any proxy in between, then run this again", PlatformAction.checkHost),
            httpStatus: head.status,
            logID: head.logID
        )
    }
}
