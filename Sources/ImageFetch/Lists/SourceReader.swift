import LarkAPI
import Messages
import SystemPackage

/// Reads the downloads of a source from beginning to end, and single ones again when it is their turn.
struct SourceReader: Sendable {
    enum Entry {
        case item(BulkItem, at: SourcePosition)
        case invalid(InvalidLine)
        case unavailable(UnavailableResource)
    }

    private enum Content {
        case items([FetchItem])
        case input(InputReader, FetchListFormat)
    }

    private var content: Content
    private var areItemsRead = false
    private var validLines = 0
    private var invalidLines = 0

    /// So many invalid lines, if they outnumber the valid ones, are a file of another kind.
    private static let mostInvalidLines = 100

    private init(_ content: Content) {
        self.content = content
    }

    /// Creates a reader and passes it to a body.
    ///
    /// - Parameter spoolDirectory: where the copy of a pipe is.
    /// - Throws: ``ImageFetchError`` `cannotCreate`; what the body throws.
    static func with<Result>(
        _ source: FetchSource, spoolDirectory: String, clocks: Clocks, _ body: (SourceReader) async throws -> Result
    ) async throws -> Result {
        switch source {
        case .items(let items):
            return try await body(SourceReader(.items(items)))
        case .list(let number, let format):
            return try await InputReader.with(
                number, format: format, spoolDirectory: spoolDirectory, clocks: clocks
            ) { input in
                try await body(SourceReader(.input(input, format)))
            }
        }
    }

    /// The next entries.
    ///
    /// - Parameter patience: how long to wait for a pipe on which nothing comes; nil for as long as it is open.
    /// - Returns: nil at the end, or when the time is over; none where the lines were blank.
    /// - Throws: ``ImageFetchError`` when the list cannot be read or is none; `CancellationError`.
    mutating func next(patience: Duration? = nil) async throws -> [Entry]? {
        switch content {
        case .items(let items):
            defer { areItemsRead = true }
            return areItemsRead || items.isEmpty
                ? nil
                : items.enumerated().map { .item(.download($1), at: SourcePosition(offset: Int64($0))) }
        case .input(var input, let format):
            let pieces = try await input.next(patience: patience)
            content = .input(input, format)
            guard let pieces else { return nil }
            let entries = pieces.flatMap { piece in
                piece.findings.indices.compactMap { Self.entry($0, of: piece, format) }
            }
            try count(entries)
            return entries
        }
    }

    /// Whether it is a list, whose items were not named one by one.
    var isList: Bool {
        if case .input = content { true } else { false }
    }

    /// Whether everything was read.
    var isComplete: Bool {
        switch content {
        case .items: areItemsRead
        case .input(let input, _): input.isComplete
        }
    }

    /// Reads one item again. Blocks.
    ///
    /// - Throws: ``ImageFetchError`` `readFailed`, also for a list that was changed meanwhile.
    func item(at position: SourcePosition) throws -> BulkItem {
        switch content {
        case .items(let items):
            return .download(items[Int(position.offset)])
        case .input(let input, let format):
            let piece = try input.piece(at: position.offset)
            if position.index < piece.findings.count,
                case .item(let item, _)? = Self.entry(position.index, of: piece, format)
            {
                return item
            }
            throw ImageFetchError(
                .readFailed, "the list was changed while it was read", remedy: "Run this again with the new list")
        }
    }

    /// A file that holds the whole list, once it was read.
    ///
    /// - Parameter start: where the list begins in it.
    /// - Throws: ``ImageFetchError`` `readFailed`.
    func rewound(to start: Int64) throws -> FileDescriptor? {
        guard case .input(let input, _) = content else { return nil }
        return try input.rewound(to: start)
    }

    /// Where the list begins in its file, until something is read.
    var start: Int64 {
        guard case .input(let input, _) = content else { return 0 }
        return input.start
    }

    private mutating func count(_ entries: [Entry]) throws {
        for entry in entries {
            if case .invalid = entry { invalidLines += 1 } else { validLines += 1 }
        }
        guard invalidLines < Self.mostInvalidLines || invalidLines <= validLines else {
            throw ImageFetchError.notAList(
                "\(invalidLines) of its first \(validLines + invalidLines) lines are invalid")
        }
    }

    private static func entry(_ index: Int, of piece: InputReader.Piece, _ format: FetchListFormat) -> Entry? {
        let position = SourcePosition(offset: piece.offset, index: index)
        func invalid(_ reason: String, _ bytes: [UInt8] = piece.bytes) -> Entry {
            .invalid(InvalidLine(number: piece.line, bytes: bytes, reason: reason))
        }
        switch piece.findings[index] {
        case .invalid(let line):
            return .invalid(line)
        case .entry(let entry):
            guard let tenant = entry.tenant else { return invalid("\(MalformedLine.noTenant)") }
            return .item(Self.item(entry, of: tenant), at: position)
        case .resource(let resource):
            guard format.wanted.contains(resource.type) else { return nil }
            guard let reference = format.reference(to: resource) else {
                return unavailable(piece, resource.message, "\(resource.key) is a file, and its message is not known")
            }
            guard let tenant = format.tenant(of: resource.message) else {
                return invalid(format.unknownTenant(of: resource.message), reference.listLine)
            }
            return .item(
                .download(
                    FetchItem(
                        tenant: tenant, reference: reference, output: nil, message: resource.message,
                        fileName: resource.fileName)), at: position)
        case .note(let note):
            if note.isInvalid { return invalid("\(note)") }
            guard note.isIncomplete, format.requestsMessages, let message = note.message.id else {
                return unavailable(piece, note.message, note.reasonText)
            }
            guard let tenant = format.tenant(of: note.message) else {
                return invalid(format.unknownTenant(of: note.message))
            }
            return .item(.lookup(MessageLookup(tenant: tenant, message: message)), at: position)
        }
    }

    private static func unavailable(_ piece: InputReader.Piece, _ message: MessageFacts, _ reason: String) -> Entry {
        .unavailable(UnavailableResource(line: piece.line, message: message.id, reason: reason))
    }

    private static func item(_ entry: ListEntry, of tenant: TenantName) -> BulkItem {
        switch entry.target {
        case .resource(let reference):
            .download(
                FetchItem(
                    tenant: tenant, reference: reference, output: entry.output, message: entry.message,
                    fileName: entry.fileName))
        case .message(let message):
            .lookup(MessageLookup(tenant: tenant, message: message))
        }
    }
}

extension FetchListFormat {
    /// The tenant that a message was received in, else the default one.
    fileprivate func tenant(of message: MessageFacts) -> TenantName? { tenantOfMessage(message) ?? tenant }

    fileprivate func unknownTenant(of message: MessageFacts) -> String {
        guard let app = message.appID else { return "\(MalformedLine.noTenant)" }
        let key = message.tenantKey.map { " and tenant_key \($0)" } ?? ""
        return "no tenant is registered with app_id \(app)\(key), and there is no default tenant"
    }

    /// What to request for a part of a message; nil for a file without its message.
    fileprivate func reference(to resource: FoundResource) -> ImageReference? {
        guard let owner = resource.owner ?? message else {
            return resource.type == .image ? .image(resource.key) : nil
        }
        return .messageResource(owner, resource.key, resource.type)
    }
}

extension ImageReference {
    /// A line of a list without a tenant.
    fileprivate var listLine: [UInt8] {
        let owner = message.map { #""message_id":"\#($0)","# } ?? ""
        return Array(#"{"image_key":"\#(key)",\#(owner)"type":"\#(type.rawValue)"}"#.utf8)
    }
}
