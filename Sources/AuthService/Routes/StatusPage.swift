import AuthServiceClient
import Crypto
import FoundationEssentials
import HTTPTypes
import Hummingbird
import LarkAPI

/// A page for browsers that shows the state of tenants. It has no scripts and reloads itself.
enum StatusPage {
    private static let interval = 5

    private static let style = """
        :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
        body { margin: 2rem auto; max-width: 70rem; padding: 0 1rem; }
        h1 { font-size: 1.3rem; margin: 0; } p { margin: .2rem 0 1.2rem; opacity: .75; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .45rem .7rem; border-bottom: 1px solid #8884; vertical-align: top; }
        th { font-weight: 600; font-size: .85rem; } td.number { white-space: nowrap; }
        .age { display: inline-block; min-width: 4.5em; border-radius: 1em; padding: 0 .7em; text-align: center; }
        .fresh { background: #2a84; } .expiring { background: #c904; } .expired, .none { background: #8884; }
        .error { color: #c33; } .remedy { display: block; opacity: .8; }
        """

    /// The page, with header fields that keep it from loading anything and from being shown in a frame.
    static func response(tenants: [TenantState], principal: String, at now: Date) -> Response {
        let digest = Data(SHA256.hash(data: Array(style.utf8))).base64EncodedString()
        return Response(
            contentType: "text/html; charset=utf-8",
            body: ByteBuffer(string: html(tenants, principal: principal, at: now)),
            fields: [
                .contentSecurityPolicy:
                    "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; frame-ancestors 'none'",
                .referrerPolicy: "no-referrer",
            ])
    }

    static func html(_ tenants: [TenantState], principal: String, at now: Date) -> String {
        let failing = tenants.count { $0.lastError != nil }
        return """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>larkimg: \(failing) of \(tenants.count) failing</title>
            <meta http-equiv="refresh" content="\(interval)">
            <meta name="viewport" content="width=device-width, initial-scale=1"><style>\(style)</style></head><body>
            <h1>larkimg</h1>
            <p>\(tenants.count) tenants, \(failing) failing, for \(TerminalText.html(principal)), at <time>\(now.formatted(.iso8601))</time>; \
            reloaded every \(interval) seconds</p>
            <table><thead><tr><th>Tenant<th>Token<th>Issued<th>Expires in<th>Quota used in the last minute\
            <th>Calls of the app this month<th>Last error</thead>
            <tbody>
            \(tenants.map(row).joined(separator: "\n"))
            </tbody></table></body></html>

            """
    }

    /// The age of a token in words, which are also the classes of the style sheet.
    private static func word(_ age: TenantState.Age) -> String {
        switch age {
        case .fresh: "fresh"
        case .expiring: "expiring"
        case .expired: "expired"
        case .none: "none"
        }
    }

    private static func count(_ requests: Int?) -> String { requests.map(String.init) ?? "?" }

    private static func row(_ tenant: TenantState) -> String {
        let left = tenant.tokenExpiresIn.map { $0 > 0 ? "\($0 / 60) min \($0 % 60) s" : "expired" } ?? "–"
        let app = tenant.app.map { " <small>\(TerminalText.html($0))</small>" } ?? ""
        let remedy = tenant.remedy.map { "<span class=\"remedy\">\(TerminalText.html($0))</span>" } ?? ""
        let pause = tenant.retryAt.map { " Retried after \(TerminalText.html($0))." } ?? ""
        let quotaPause = tenant.quotaPausedUntil.map { ", paused until \(TerminalText.html($0))" } ?? ""
        let error =
            tenant.lastError.map { "<span class=\"error\">\(TerminalText.html($0))</span>\(pause)\(remedy)" } ?? ""
        return """
            <tr><td>\(TerminalText.html(tenant.tenant))\(app)<td><span class="age \(word(tenant.token))">\
            \(word(tenant.token))</span><td>\(TerminalText.html(tenant.tokenObtainedAt ?? "–"))<td class="number">\(left)\
            <td class="number">\(count(tenant.quotaUsed.images)) + \(count(tenant.quotaUsed.messageResources)) of \
            \(TerminalText.html(tenant.quota))\(quotaPause)<td class="number">\(count(tenant.monthCalls))\
            \(tenant.monthQuota.map { " of \($0)" } ?? "")<td>\(error)
            """
    }
}
