import ArgumentParser

/// An app_id and a value for that app, separated by a colon.
struct AppSetting: ExpressibleByArgument, Sendable {
    var appID: String
    var value: String

    init?(argument: String) {
        let parts = argument.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        appID = String(parts[0])
        value = String(parts[1])
    }
}

/// An address to listen on, such as `127.0.0.1:8080` or `[::1]:0`.
struct ListenAddress: ExpressibleByArgument, Sendable, CustomStringConvertible {
    var host: String
    var port: Int

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    init?(argument: String) {
        guard let colon = argument.lastIndex(of: ":"), let port = UInt16(argument[argument.index(after: colon)...])
        else { return nil }
        var host = argument[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        }
        guard !host.isEmpty else { return nil }
        self.host = String(host)
        self.port = Int(port)
    }

    var description: String {
        "\(host):\(port)"
    }

    var defaultValueDescription: String {
        description
    }
}
