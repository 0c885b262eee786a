import ArgumentParser
import AuthServiceClient
import FoundationEssentials
import LarkAPI

/// How a token is written.
enum TokenFormat: String, ExpressibleByArgument, CaseIterable {
    /// The token alone.
    case bare
    /// An HTTP header, for `curl -H @FILE`.
    case header
    /// Exports for a shell.
    case env
    case json
    /// A configuration, for `curl -K FILE`.
    case curlConfig = "curl-config"
    /// A variable, for `include FILE` in a server or location of nginx.
    case nginx

    /// The text, with a newline at its end.
    ///
    /// - Throws: ``CommandError`` for a token that the format cannot hold; what encoding throws.
    func text(_ token: TenantAccessToken, of tenant: TenantName, at now: Date) throws -> String {
        let secret = token.secret.revealedText
        switch self {
        case .bare:
            return Self.bareText(token)
        case .header:
            return "Authorization: Bearer \(secret)\n"
        case .env:
            return TokenEnvironment.variables(token).map { "export \($0.name)=\(Self.quoted($0.value))\n" }.joined()
        case .json:
            return try JSONLine.text(TokenResponse(token, tenant: tenant, at: now))
        case .curlConfig:
            let escaped = secret.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            return "header = \"Authorization: Bearer \(escaped)\"\n"
        case .nginx:
            // nginx replaces variables also in quotes, and has no way to write a dollar sign.
            guard !secret.contains(where: { "$\"\\".contains($0) }) else {
                throw CommandError(
                    description: "the token contains a character that nginx cannot read from a configuration",
                    remedy: "Use another --format, and pass the token on in a script")
            }
            return "set $lark_token \"\(secret)\";\n"
        }
    }

    /// The token alone, on a line.
    static func bareText(_ token: TenantAccessToken) -> String { "\(token.secret.revealedText)\n" }

    /// A word for a POSIX shell.
    private static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
