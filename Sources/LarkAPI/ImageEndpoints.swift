extension LarkClient {
    /// Asks for an image or a message's resource and hands a good answer's body to the receiver.
    ///
    /// An answer is judged by the code in its body, then by its status: the platform has been seen to send errors as
    /// JSON under 200. What the bytes are is the receiver's to check.
    ///
    /// - Throws: ``LarkError`` for an answer that is an error; what `receive` throws.
    package func download<Result>(
        _ reference: ImageReference,
        from host: LarkHost,
        token: TenantAccessToken,
        receive: (AnswerHead, AnswerBody) async throws -> Result
    ) async throws -> Result {
        let request = LarkRequest(get: reference.endpoint, host: host, token: token)
        return try await exchange(request) { head, body in
            guard head.status == 200 else {
                let bytes = try await body.bytes(upTo: 1 << 20) ?? []
                throw Self.error(inBody: bytes, head: head, of: reference, token: token)
            }
            return try await receive(head, body)
        }
    }

    /// What an answer says that is not the file: the platform's own error, else that it is none.
    package static func error(
        inBody body: [UInt8],
        head: AnswerHead,
        of reference: ImageReference,
        token: TenantAccessToken
    ) -> LarkError {
        let error =
            LarkError(answer: head, body: body, action: "\(reference)", secrets: [token.secret]) ?? .notADownload(head)
        guard case .messageResource = reference, error.platformCode == 234001 || error.platformCode == 234008 else {
            return error
        }
        // The table's remedy for these two points to message resources, which this is.
        return error.withRemedy(
            "Check message_id, key and --type. For an image the app uploaded itself: larkimg fetch --tenant TENANT KEY"
        )
    }
}

extension LarkError {
    fileprivate func withRemedy(_ remedy: String) -> LarkError {
        LarkError(
            kind, summary, remedy: remedy, httpStatus: httpStatus, platformCode: platformCode,
            platformMessage: platformMessage, logID: logID, retryAfter: retryAfter, isRetryable: isRetryable,
            underlying: underlying
        )
    }

    /// A success that is not the file: 204, 206, or a page under 200.
    fileprivate static func notADownload(_ head: AnswerHead) -> LarkError {
        LarkError(
            .badAnswer,
            "the server sent \(head.contentType.map { DisplayText.visible($0, limit: 60) } ?? "something") in place of the file",
            remedy: "Check --host and any proxy in between; run this again later",
            httpStatus: head.status,
            logID: head.logID
        )
    }
}
