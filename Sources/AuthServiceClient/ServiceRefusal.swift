public import LarkAPI

/// An error of the auth service itself: it refused the client, the tenant or the request.
public struct ServiceRefusal: ReportableError {
    /// The `type` in the response: `unauthorized`, `unknown_tenant`, `too_many_requests` and so on.
    public let reportType: String

    /// What failed.
    public let description: String

    /// What to do next.
    public let remedy: Remedy?

    /// Whether the same request can succeed later without any change.
    public let isRetryable: Bool

    /// How long to wait, as the service says.
    let retryAfter: Duration?

    /// Whether there is no tenant of this name for the client.
    var isAboutUnknownTenant: Bool { reportType == "unknown_tenant" }

    /// The refusal with the name that the user probably meant.
    func naming(_ nearest: String?) -> ServiceRefusal {
        guard let nearest else { return self }
        let advice = ["The nearest name is \(TerminalText.visible(nearest, limit: 64))", remedy?.advice ?? ""]
        return ServiceRefusal(
            reportType: reportType, description: description,
            remedy: Remedy(advice.filter { !$0.isEmpty }.joined(separator: ". "), remedy?.action),
            isRetryable: isRetryable, retryAfter: retryAfter)
    }

    /// The kernel or the service does not let this user use a socket.
    static func denied(at address: ServiceAddress, _ access: SocketAccess) -> ServiceRefusal {
        ServiceRefusal(
            reportType: "unauthorized", description: "\(address): permission denied",
            remedy: access.isOwnerOnly
                ? "Only the user of the service may use the socket: the service was given no group for it"
                : Remedy("", PlatformAction.joinGroup(access.group)),
            isRetryable: false, retryAfter: nil)
    }
}

/// The body of an error response.
private struct ErrorBody: Decodable {
    struct Report: Decodable {
        let type: String
        let code: Int?
        let httpStatus: Int?
        let message: String
        let logId: String?
        let remedy: String?
        let retryable: Bool
        let retryAfter: Int?
    }

    let error: Report
}

extension ResponseHead {
    /// What the user of a program can do about a refusal: the service's own remedies are for users of HTTP.
    private func remedy(for type: String, at address: ServiceAddress) -> Remedy? {
        switch type {
        case "unauthorized": Remedy("", PlatformAction.replaceClientSecret)
        // A user of the socket may use every tenant.
        case "unknown_tenant":
            address.isSocket ? "Check the name of the tenant" : Remedy("", PlatformAction.grantTenant)
        default: nil
        }
    }

    /// The error in a response of the service: of the platform, or of the service itself.
    func serviceError(_ body: [UInt8], address: ServiceAddress) -> any Error {
        // Another server's response does not decode.
        guard let report = (try? ServiceJSON.decode(ErrorBody.self, from: body))?.error else {
            return LarkError(
                .badResponse, "\(address) did not respond like an auth service",
                remedy: Remedy("", PlatformAction.checkServiceAddress), httpStatus: status)
        }
        let message = TerminalText.visible(report.message, limit: 300)
        let remedy = report.remedy.map { Remedy(TerminalText.visible($0, limit: 500)) }
        guard let kind = LarkError.Kind(rawValue: report.type), report.type != "not_found" || report.code != nil else {
            return ServiceRefusal(
                reportType: TerminalText.visible(report.type, limit: 40), description: "\(address): \(message)",
                remedy: self.remedy(for: report.type, at: address) ?? remedy, isRetryable: report.retryable,
                retryAfter: retryAfter)
        }
        let row = report.code.flatMap(LarkErrorCode.row(for:))
        return LarkError(
            kind, row?.meaning ?? message, remedy: remedy, httpStatus: report.httpStatus, platformCode: report.code,
            platformMessage: report.code == nil ? nil : message,
            logID: report.logId.flatMap { ResponseHead.validLogID($0) },
            retryAfter: report.retryAfter.map { .seconds(min(max($0, 1), 3600)) }, isRetryable: report.retryable)
    }
}
