import LarkAPI
import Logging

/// Writes the libraries' warnings to stderr, a line each, in the style of our errors.
struct StderrLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        let details = all.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: "; ")
        let text = details.isEmpty ? "\(event.message)" : "\(event.message) (\(details))"
        Terminal.report("larkimg: \(event.level): \(DisplayText.visible(text, limit: 2000))\n")
    }
}
