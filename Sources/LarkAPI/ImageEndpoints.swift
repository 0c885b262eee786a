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
                throw LarkError(answer: head, body: bytes, action: "\(reference)", secrets: request.secrets)
                    ?? .notADownload(head)
            }
            return try await receive(head, body)
        }
    }

    /// What the body of a 200 says when it is no image: the platform's own error, else that it is none.
    package static func error(
        inBody body: [UInt8],
        head: AnswerHead,
        of reference: ImageReference,
        token: TenantAccessToken
    ) -> LarkError {
        LarkError(answer: head, body: body, action: "\(reference)", secrets: [token.secret]) ?? .notADownload(head)
    }
}

extension LarkError {
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
