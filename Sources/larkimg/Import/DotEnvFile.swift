import LarkAPI

/// A file of variables, one a line, as shells, Docker and many libraries read it: `NAME=value`, also after `export`, in
/// quotes, with comments after `#`. Variables in values are not expanded.
enum DotEnvFile {
    /// The prefixes of the variables of one app, and its platform.
    private static let prefixes = [("", nil), ("LARK_", "lark"), ("FEISHU_", "feishu"), ("LARKSUITE_CLI_", nil)]

    private struct Variable {
        let line: Int
        let value: String
        /// Whether a shell would replace a part of the value.
        let isExpanded: Bool
    }

    /// The apps in a file: those of which it has an app_id.
    static func entries(in text: String) -> [ImportEntry] {
        var variables: [String: Variable] = [:]
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            if let (name, variable) = variable(in: line, number: index + 1) { variables[name] = variable }
        }
        return prefixes.compactMap { prefix, host in
            guard let id = variables["\(prefix)APP_ID"] else { return nil }
            var entry = ImportEntry(place: "line \(id.line)", appID: id.value)
            let secret = variables["\(prefix)APP_SECRET"]
            entry.appSecret = secret?.value
            entry.host = (variables["\(prefix)DOMAIN"] ?? variables["\(prefix)BRAND"])?.value ?? host
            if secret == nil {
                entry.problem = (
                    "there is no \(prefix)APP_SECRET", "Add the variable, or use larkimg tenant add for this app"
                )
            } else if id.isExpanded || secret?.isExpanded == true {
                entry.problem = ("the value refers to another variable", "Write the value itself, in single quotes")
            }
            return entry
        }
    }

    private static func variable(in line: Substring, number: Int) -> (String, Variable)? {
        var line = line.drop(while: \.isWhitespace)
        if line.hasPrefix("export ") { line = line.dropFirst(7).drop(while: \.isWhitespace) }
        guard let equals = line.firstIndex(of: "="), !line.hasPrefix("#") else { return nil }
        let name = line[..<equals].filter { !$0.isWhitespace }
        let rest = line[line.index(after: equals)...].drop { $0 == " " || $0 == "\t" }
        if let quote = rest.first, quote == "'" || quote == "\"" {
            let value = rest.dropFirst().prefix { $0 != quote }
            return (
                name, Variable(line: number, value: String(value), isExpanded: quote == "\"" && value.contains("$"))
            )
        }
        // A comment begins after a space.
        let end = rest.firstRange(of: " #")?.lowerBound ?? rest.endIndex
        let value = String(rest[..<end].reversed().drop(while: \.isWhitespace).reversed())
        return (name, Variable(line: number, value: value, isExpanded: value.contains("$")))
    }
}
