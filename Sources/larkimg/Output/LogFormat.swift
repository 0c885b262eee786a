import ArgumentParser
import FoundationEssentials
import LarkAPI
import Logging
import Synchronization

/// How warnings are written to stderr.
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// A line for people, in the style of our errors.
    case text
    /// One JSON object per line, for log collectors.
    case json

    private static let chosen = Mutex(LogFormat.text)

    /// Sets the format for everything written from now on.
    static func set(_ format: LogFormat) { chosen.withLock { $0 = format } }

    private struct Line: Encodable {
        let at: String
        let level: String
        let message: String
        let details: [String: String]
    }

    /// The line, newline included.
    static func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) -> String {
        let details = metadata.mapValues { TerminalText.visible("\($0)", limit: 2000) }
        switch chosen.withLock({ $0 }) {
        case .json:
            let line = Line(
                at: Clocks.system.now().formatted(.iso8601), level: level.rawValue,
                message: TerminalText.visible(message, limit: 2000), details: details)
            // Only strings: encoding cannot fail.
            return (try? JSONLine.text(line)) ?? "\n"
        case .text:
            let words = details.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
            let text = words.isEmpty ? message : "\(message) (\(words))"
            return "larkimg: \(level): \(TerminalText.visible(text, limit: 2000))\n"
        }
    }
}

/// Writes the libraries' warnings to stderr, one per line.
struct StderrLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        Terminal.report(LogFormat.line(event.level, "\(event.message)", all))
    }
}
