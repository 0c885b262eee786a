/// Makes a part of a file name of text that anybody may have chosen: members of a chat name the files that they send.
enum FileNameText {
    /// In bytes, so that several parts fit into the 255 of a name.
    private static let longest = 100

    /// What stands for a text that is missing, or of which nothing is left.
    static let none = "none"

    /// Names that Windows keeps for devices, with any extension (Microsoft, "Naming Files, Paths, and Namespaces").
    private static let devices: Set<String> = Set(
        ["con", "prn", "aux", "nul"] + (1...9).flatMap { ["com\($0)", "lpt\($0)"] })

    /// Replaces what a file system, a shell or a terminal reads as something else, and shortens the text, keeping its
    /// extension.
    static func cleaned(_ text: String?) -> String {
        guard let text else { return none }
        var name = String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : "_" }))
        // A leading dot hides a file, a leading hyphen is read as an option.
        while let first = name.unicodeScalars.first, ".- ".unicodeScalars.contains(first) {
            name.unicodeScalars.removeFirst()
        }
        while let last = name.unicodeScalars.last, ". ".unicodeScalars.contains(last) {
            name.unicodeScalars.removeLast()
        }
        name = shortened(name)
        if let stem = name.split(separator: ".").first, devices.contains(stem.lowercased()) { name = "_" + name }
        return name.unicodeScalars.allSatisfy { $0 == "_" } ? none : name
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        default: !#"/\:*?"<>|%$`"#.unicodeScalars.contains(scalar) && scalar != "\u{FFFD}"
        }
    }

    private static func shortened(_ name: String) -> String {
        guard name.utf8.count > longest else { return name }
        let parts = name.split(separator: ".")
        let fileExtension = parts.count > 1 ? parts.last.map { ".\($0)" } ?? "" : ""
        let suffix = fileExtension.utf8.count <= 12 ? fileExtension : ""
        var stem = name
        while stem.utf8.count + suffix.utf8.count > longest { stem.unicodeScalars.removeLast() }
        return stem + suffix
    }
}
