/// A refusal by the platform. The texts are those of the pages "Download image", "Upload image", "Obtain resource
/// files in messages", "Get message" and "Generic error codes", spelling included; some were seen to differ, and clients are told
/// not to read them.
struct PlatformError: Error, Sendable, Hashable {
    var status: Int
    var code: Int
    var message: String
    /// The scopes of which one is needed, in a 99991672.
    var missingScopes: [String] = []

    init(_ status: Int, _ code: Int, _ message: String, missingScopes: [String] = []) {
        self.status = status
        self.code = code
        self.message = message
        self.missingScopes = missingScopes
    }

    /// The error with that code as documented, or nil.
    static func documented(_ code: Int) -> PlatformError? {
        all.first { $0.code == code }
    }

    private static let attach = "Please make a request with token attached."

    private static let all = [
        // Image and message APIs
        PlatformError(400, 230001, "Your request contains an invalid request parameter."),
        PlatformError(400, 230002, "The bot can not be outside the group."),
        PlatformError(400, 230006, "Bot ability is not activated."),
        PlatformError(400, 230013, "Bot has NO availability to this user."),
        PlatformError(400, 230027, "Lack of necessary permissions."),
        PlatformError(400, 230050, "The message is invisible to the operator."),
        PlatformError(400, 230073, "The thread is invisible to the operator."),
        PlatformError(400, 230110, "Action unavailable as the message has been deleted."),
        PlatformError(400, 231203, "The chat is in restricted mode."),
        PlatformError(400, 231204, "The app can not act for a user in this chat."),
        PlatformError(400, 232096, "Meta writing has stopped, please try again later."),
        PlatformError(400, 234001, "Invalid request param."),
        PlatformError(401, 234002, "Unauthorized."),
        PlatformError(400, 234003, "File not in message."),
        PlatformError(400, 234004, "App not in chat."),
        PlatformError(400, 234005, "Image has been deleted"),
        PlatformError(400, 234006, "The file size exceed the max value."),
        PlatformError(400, 234007, "App does not enable bot feature."),
        PlatformError(400, 234008, "The app is not the resource sender"),
        PlatformError(400, 234009, "Lack of necessary permissions."),
        PlatformError(400, 234010, "File's size can't be 0."),
        PlatformError(400, 234011, "Can't regonnize the image format."),
        PlatformError(400, 234019, "scope CheckAppTenant fail."),
        PlatformError(400, 234037, "Downloaded file size exceeds limit."),
        PlatformError(400, 234038, "Do not allow downloading of message resources in restricted mode."),
        PlatformError(400, 234039, "Image resolution exceeds limit."),
        PlatformError(400, 234040, "The message is invisible to the operator."),
        PlatformError(400, 234041, "Tenant master key has been deleted, please contact the tenant administrator."),
        PlatformError(
            400,
            234042,
            "Hybrid deployment tenant storage error, such as full storage space, please contact tenant administrator."
        ),
        PlatformError(400, 234043, "Unsupported message type."),
        // Gateway
        PlatformError(429, 99991400, "request trigger frequency limit"),
        PlatformError(400, 99991401, "ip is denied by app setting"),
        PlatformError(400, 99991403, "This month's API call quota has been exceeded"),
        PlatformError(400, 99991661, "Missing access token for authorization. \(attach)"),
        PlatformError(400, 99991662, "app not in use"),
        PlatformError(400, 99991663, "Invalid access token for authorization. \(attach)"),
        PlatformError(400, 99991664, "invalid app token"),
        PlatformError(400, 99991665, "invalid tenant code"),
        PlatformError(400, 99991668, "Invalid access token for authorization. \(attach)"),
        PlatformError(400, 99991671, "Invalid token: must start with t-/u-"),
        PlatformError(400, 99991672, "Access denied."),
        PlatformError(400, 99991673, "unauthorized app"),
        PlatformError(400, 99992402, "field validation failed"),
        // Token endpoints
        PlatformError(200, 2200, "Internal Error"),
        PlatformError(200, 10003, "invalid param"),
        PlatformError(200, 10005, "app id unauthorized"),
        PlatformError(200, 10012, "get app access token fail"),
        PlatformError(200, 10013, "get tenant access token fail"),
        PlatformError(200, 10014, "app secret invalid"),
        PlatformError(200, 10015, "wrong app secret"),
        PlatformError(200, 10016, "app resend fail"),
        PlatformError(200, 11210, "app usage info not exist"),
    ]
}

extension PlatformError {
    /// The error with that code under another status.
    static func code(_ code: Int, status: Int? = nil) -> PlatformError {
        var error = documented(code) ?? PlatformError(400, code, "error \(code)")
        error.status = status ?? error.status
        return error
    }

    /// Access denied for want of one of some scopes.
    static func missing(scopes: [String]) -> PlatformError {
        let message = "Access denied. One of the following scopes is required: [\(scopes.joined(separator: ", "))]"
        return PlatformError(400, 99991672, message, missingScopes: scopes)
    }

    /// The response of a token endpoint: without an `error` member.
    var tokenResponse: Response {
        .json(["code": .integer(code), "data": [:], "msg": .text(message)], status: status)
    }

    /// The response of a business API, with its log id.
    func response(logID: String, logIDName: String) -> Response {
        let search = "https://open.feishu.cn/search?from=openapi&log_id=\(logID)&code=\(code)"
        var details: [String: JSONValue] = [
            "message": .text(message),
            logIDName: .text(logID),
            "troubleshooter": .text("Troubleshooting suggestions: \(search)"),
        ]
        if !missingScopes.isEmpty {
            details["permission_violations"] = .array(
                missingScopes.map { ["type": "action_scope_required", "subject": .text($0)] }
            )
        }
        return .json(["code": .integer(code), "msg": .text(message), "error": .object(details)], status: status)
    }
}
