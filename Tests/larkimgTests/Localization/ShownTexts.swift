/// What users read of the literals in the sources.
enum ShownTexts {
    /// The texts that a literal is part of, with samples of what varies; none if it is not shown.
    static func texts(of literal: SourceText.Literal, in path: String) -> [String] {
        let text = literal.text
        // A command has no other words in any language.
        if text.hasPrefix("chmod ") { return [] }
        if let samples = composed[text] { return samples }
        // The reason is added to the name of the file.
        if literal.before.firstMatch(of: /(unusable|unsafe)\( ?[a-z]+,$/) != nil {
            return [filled(path.hasSuffix("/KeyFile.swift") ? "the key file /key \(text)" : "/store \(text)")]
        }
        // A client puts the address of the service in front of an error of the service.
        if path.hasSuffix("/ServiceError.swift"), text.first?.isUppercase == false {
            return [filled("unix:///socket: \(text)")]
        }
        return [filled(text)]
    }

    private static func filled(_ text: String) -> String {
        text.replacing(/%([1-9])/) { "value\($0.output.1)" }
    }

    /// All texts that are put together.
    static var samples: [String] { composed.values.flatMap(\.self) }

    private static let composed = cli.merging(libraries) { first, _ in first }

    private static let cli = [
        "Check app_id and app_secret%1. The %2 was not added": [
            "Check app_id and app_secret and --host. The tenant was not added",
            "Check app_id and app_secret; if the app was made on lark, add --host lark. The app was not added",
        ],
        "Set it where the store is: larkimg %1 --month-quota N": [
            "Set it where the store is: larkimg app update shop --month-quota N",
            "Set it where the store is: larkimg tenant update acme --month-quota N",
        ],
        "The first row names the columns: %1%2": [
            "The first row names the columns: name, app_id",
            "The first row names the columns: name, app_id. The nearest one is name",
        ],
        "Did you mean %1 %2?": ["Did you mean larkimg fetch? See larkimg --help"],
        "%1See %2 --help": ["See larkimg tenant --help"],
        "%1. To ask the platform again at once: larkimg %2": [
            "Run this again. To ask the platform again at once: larkimg tenant update acme",
            "Run this again. To ask the platform again at once: larkimg app update shop",
        ],
        "%1The tenant was not added; --no-verify adds it without asking the platform": [
            "Run this again. The tenant was not added; --no-verify adds it without asking the platform",
            "The tenant was not added; --no-verify adds it without asking the platform",
        ],
        "Use %1": ["Use a number of calls such as 1000", "Use larkimg tenant add acme --app-id cli_x"],
        "--min-ttl must be between 0 and %1 seconds (30m), not": [
            "--min-ttl must be between 0 and 1800 seconds (30m), not 1801"
        ],
        "the app_secret %1": [
            "the app_secret is empty", "the app_secret is longer than 10 bytes",
            "the app_secret contains a space, a control character or a character outside ASCII",
        ],
        "the %1 from %2 %3": [
            "the app_secret from the terminal is empty", "the app_secret from the terminal is longer than 10 bytes",
            "the app_secret from the terminal contains a space, a control character or a character outside ASCII",
            "the client secret from secret.txt is empty", "the client secret from secret.txt is longer than 10 bytes",
            "the Encrypt Key from stdin contains a space, a control character or a character outside ASCII",
        ],
        "there is no %1APP_SECRET": ["there is no APP_SECRET", "there is no LARK_APP_SECRET"],
        "%1: %2": ["line 3: there is no name", "app 1: there is no app_id"],
        "it has %1, and the header %2": ["it has 1 cell, and the header 2", "it has 3 cells, and the header 2"],
        "%1: the name %2 is taken by %3 of this file": ["line 3: the name acme is taken by line 1 of this file"],
        "'%1' is not a valid %2: it takes %3": [
            "'a b' is not a valid tenant name: it takes "
                + "1 to 64 letters, digits and . _ - : @ +, a letter or digit first"
        ],
    ]

    private static let libraries = [
        "%1; %2": ["too many requests; also tried: om_1"],
        "also tried: %1": ["too many requests; also tried: om_1, om_2"],
        "%1; this was the result %2 s ago, and the next request is allowed in %3 s": [
            "the app_secret is wrong; this was the result 3 s ago, and the next request is allowed in 7 s"
        ],
        "%1; a new one was requested %2 s ago%3": [
            "there is no app_ticket of shop yet; a new one was requested 3 s ago",
            "the app_ticket of shop is not valid; a new one was requested 3 s ago and has not arrived after 7 s of waiting",
        ],
        "%1 cannot be reached%2: %3": [
            "https://host cannot be reached: connection refused",
            "https://host cannot be reached through the proxy http://proxy: it refused the connection",
        ],
        "through the proxy %1": [],
        "unknown cause": [],
        "the response to the request for a token %1": [
            "the response to the request for a token is not in the platform's form",
            "the response to the request for a token has a lifetime under 60 s",
            "the response to the request for a token does not contain a valid token",
        ],
        "the server sent %1 instead of the file": [
            "the server sent something instead of the file", "the server sent text/html instead of the file",
        ],
        "the platform refused %1": [
            "the platform refused a tenant_access_token for cli_x", "the platform refused an app_ticket for cli_x",
            "the platform refused img_x",
        ],
        "the server refused %1": [
            "the server refused an app_access_token for cli_x", "the server refused the message om_1",
            "the server refused the messages of a chat",
        ],
        "the trusted certificates cannot be read: '%1'": [
            "the trusted certificates cannot be read: '/x' is not a PEM file",
            "the trusted certificates cannot be read: '/x' does not exist",
        ],
        "the response is not %1: %2": [
            "the response is not an image: it is empty", "the response is not the file: its Content-Type is text/html",
        ],
        "this is not a list of downloads: %1": ["this is not a list of downloads: it is UTF-16, not UTF-8"],
        "the download was not finished within %1": ["the download was not finished within 5.5 s"],
        "the rate limit allowed no request within %1": ["the rate limit allowed no request within 5 s"],
        "the key file %1 %2": ["the key file /key is not a regular file"],
        "%1 %2": ["/store is not a regular file"],
        "the app_secret cannot be read from %1: %2": [
            "the app_secret cannot be read from file:/x: no such file or directory",
            "the app_secret cannot be read from env:X: the variable is not set",
            "the app_secret cannot be read from file:/x: what is there is empty",
            "the app_secret cannot be read from file:/x: what is there is longer than 10 bytes",
            "the app_secret cannot be read from file:/x: what is there contains a space, a control character or a "
                + "character outside ASCII",
            "the app_secret cannot be read from exec:x: it ended with status 1",
        ],
        "the service's store cannot be used": [
            "unix:///socket: the service's store cannot be used",
            "unix:///socket: the service's store cannot be used: the disk is full",
        ],
        // For scripts only.
        "%1 (%2)": [],
    ]
}
