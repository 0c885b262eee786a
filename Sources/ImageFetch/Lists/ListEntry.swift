package import LarkAPI
import Messages

/// What a line of a list names.
package struct ListEntry: Sendable {
    package enum Target: Sendable {
        case resource(ImageReference)
        /// All that a message holds.
        case message(MessageID)
    }

    /// The tenant of the line, or the default one; nil if there is neither.
    package let tenant: TenantName?
    package let target: Target
    package let output: OutputName?
    /// What a report told about the message; nil if the line tells nothing.
    let message: MessageFacts?
    let fileName: String?
}

/// A line whose parts do not belong together.
struct MalformedLine: Error, CustomStringConvertible {
    let description: String

    static let array = MalformedLine(
        description: "it is part of a JSON array; a list has one JSON object on each line, without commas between them")

    static let noKey = MalformedLine(description: "it has no image_key")

    static let noTenant = MalformedLine(description: "it names no tenant, and there is no default tenant")

    /// The error for a field that another mark than a tab divides; nil if there is none.
    static func separator(in field: String) -> MalformedLine? {
        let names: [(mark: UInt8, name: String)] = [
            (UInt8(ascii: ","), "commas"), (UInt8(ascii: ";"), "semicolons"), (UInt8(ascii: " "), "spaces"),
        ]
        return names.first { field.utf8.contains($0.mark) }
            .map { MalformedLine(description: "the fields of a line are separated by tabs, not by \($0.name)") }
    }
}
