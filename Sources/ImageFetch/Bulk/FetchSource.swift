import LarkAPI
import SystemPackage

/// Where the downloads of a run come from.
public enum FetchSource: Sendable {
    /// They are known.
    case items([FetchItem])
    /// Lines of an open descriptor, read as they come.
    case list(Int32, FetchListFormat)
}

/// Reads a source, piece by piece.
struct SourceReader {
    /// One line of it, read.
    enum Entry {
        case item(FetchItem)
        case invalid(InvalidLine)
    }

    private enum State {
        case items([FetchItem])
        case lines(LineReader, FetchListFormat)
    }

    private var state: State
    private var lineNumber = 0

    /// Reads from the beginning.
    ///
    /// - Parameter copy: receives everything that is read of a list.
    init(_ source: FetchSource, timing: Clocks, copy: (@Sendable ([UInt8]) throws -> Void)? = nil) {
        state =
            switch source {
            case .items(let items): .items(items)
            case .list(let number, let format):
                .lines(LineReader(FileDescriptor(rawValue: number), timing: timing, copy: copy), format)
            }
    }

    /// The next entries.
    ///
    /// - Returns: nil at the end; none where lines said nothing.
    /// - Throws: ``ImageFetchError`` when the list cannot be read; `CancellationError`.
    mutating func next() async throws -> [Entry]? {
        switch state {
        case .items(let items):
            state = .items([])
            return items.isEmpty ? nil : items.map(Entry.item)
        case .lines(var reader, let format):
            do {
                let lines = try await reader.next()
                state = .lines(reader, format)
                return lines.isEmpty ? nil : lines.compactMap { entry($0, format) }
            } catch let error as Errno {
                throw ImageFetchError(
                    .readFailed, "the list cannot be read: \(error.description.lowercased())",
                    remedy: "Give a list with --input FILE, or - for stdin", underlying: error
                )
            }
        }
    }

    private mutating func entry(_ line: LineReader.Line, _ format: FetchListFormat) -> Entry? {
        lineNumber += 1
        func invalid(_ text: String, _ reason: String) -> Entry {
            .invalid(InvalidLine(number: lineNumber, text: String(text.prefix(200)), reason: reason))
        }
        guard var bytes = line?[...] else {
            return invalid("", "it is longer than \(LineReader.longest) bytes")
        }
        // The mark that some editors put in front of UTF-8.
        if lineNumber == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            return invalid(String(decoding: bytes, as: UTF8.self), "it is not UTF-8")
        }
        do {
            return try format.item(text).map(Entry.item)
        } catch {
            return invalid(text, MalformedLine.reason(error))
        }
    }
}
