import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("Reading a list", .timeLimit(.minutes(1)))
struct SourceReaderTests {
    /// Reads the lines of a file.
    private func lines(of text: [UInt8]) async throws -> [LineReader.Line] {
        try await withTemporaryFolder { folder in
            let path = try folder.write(text, to: "list")
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            var lines: [LineReader.Line] = []
            try await LineReader.with(file, spoolDirectory: "/tmp", clocks: .system) { reader in
                var reader = reader
                while case let next = try await reader.next(), !next.isEmpty { lines += next }
                for line in lines where !line.isTooLong { #expect(try reader.line(at: line.offset) == line.bytes) }
            }
            #expect(lines.map(\.number) == Array(1..<lines.count + 1))
            return lines
        }
    }

    private func texts(of text: String) async throws -> [String] {
        try await lines(of: Array(text.utf8)).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("The last line needs no end; empty lines are lines")
    func ends() async throws {
        #expect(try await texts(of: "a\n\nb\n") == ["a", "", "b"])
        #expect(try await texts(of: "a\nb") == ["a", "b"])
        #expect(try await texts(of: "") == [])
        #expect(try await texts(of: "\n") == [""])
    }

    @Test("Lines across the pieces of a read are whole, and each is found again")
    func pieces() async throws {
        let wanted = (0..<5000).map { "line-\($0)-" + String(repeating: "x", count: $0 % 97) }
        let isSame = try await texts(of: wanted.joined(separator: "\n")) == wanted
        #expect(isSame)
    }

    @Test("A line without end takes no memory and spoils no other", arguments: [70_000, 200_000, 1_000_000])
    func longLine(_ count: Int) async throws {
        let long = [UInt8](repeating: UInt8(ascii: "k"), count: count)
        let lines = try await lines(of: Array("a\n".utf8) + long + Array("\nb\n".utf8))
        #expect(lines.map(\.isTooLong) == [false, true, false])
        #expect(lines.map(\.bytes.count) == [1, LineReader.longest + 1, 1])
        #expect(try await self.lines(of: long).map(\.isTooLong) == [true])
    }

    @Test("A file that never ends a line is no list")
    func endless() async throws {
        let file = try FileDescriptor.open("/dev/zero", .readOnly)
        defer { try? file.close() }
        try await withTemporaryFolder { folder in
            let error = await #expect(throws: ImageFetchError.self) {
                try await LineReader.with(
                    file, spoolDirectory: folder.path.string, longestSkip: 1 << 20, clocks: .system
                ) { reader in
                    var reader = reader
                    while !(try await reader.next().isEmpty) {}
                }
            }
            #expect(error?.kind == .notAList)
            #expect(error?.description.contains("line 1 does not end within 1 MiB") == true)
        }
    }

    @Test("What a pipe delivers is kept, so that each line is found again; a pause is not the end")
    func pipe() async throws {
        let (reading, writing) = try FileDescriptor.pipe()
        defer { try? reading.close() }
        try await LineReader.with(reading, spoolDirectory: "/tmp", clocks: TestClocks().timing) { reader in
            var reader = reader
            try writing.writeAll("one\ntw".utf8)
            let first = try await reader.next()
            #expect(try await reader.next(patience: .seconds(1)) == [])
            #expect(!reader.isComplete)
            try writing.writeAll("o\nthree".utf8)
            try writing.close()
            let second = try await reader.next()
            let third = try await reader.next()
            #expect(try await reader.next() == [])
            #expect(reader.isComplete)
            let lines = first + second + third
            #expect(lines.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "two", "three"])
            for line in lines { #expect(try reader.line(at: line.offset) == line.bytes) }
        }
    }

    @Test("A file is read from where it stands, and not copied")
    func offset() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write(Array("header\nimg_a\n".utf8), to: "list")
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            try file.seek(offset: 7, from: .start)
            try await LineReader.with(file, spoolDirectory: "/nonexistent", clocks: .system) { reader in
                var reader = reader
                let lines = try await reader.next()
                #expect(lines.map(\.offset) == [7])
                #expect(try reader.line(at: 7) == Array("img_a".utf8))
            }
        }
    }

    @Test("A pipe on which nothing comes does not keep a run that is cancelled")
    func silentPipe() async throws {
        let (reading, writing) = try FileDescriptor.pipe()
        let task = Task {
            try await LineReader.with(reading, spoolDirectory: "/tmp", clocks: .system) { reader in
                var reader = reader
                return try await reader.next().count
            }
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        try reading.close()
        try writing.close()
    }

    /// Reads a source to its end.
    private func entries(
        of bytes: [UInt8], _ format: FetchListFormat? = nil
    ) async throws -> (items: [FetchItem], invalid: [InvalidLine]) {
        let format = try format ?? FetchListFormat(tenant: try TenantName("acme"))
        return try await withTemporaryFolder { folder in
            let path = try folder.write(bytes, to: "list")
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            var items: [FetchItem] = []
            var invalid: [InvalidLine] = []
            try await SourceReader.with(
                .list(file.rawValue, format), spoolDirectory: "/tmp", clocks: .system
            ) { reader in
                var reader = reader
                while let entries = try await reader.next() {
                    for entry in entries {
                        switch entry {
                        case .item(let item, let position):
                            if case .download(let download) = item { items.append(download) }
                            #expect(try reader.item(at: position) == item)
                        case .invalid(let line): invalid.append(line)
                        case .unavailable(let resource): Issue.record("\(resource)")
                        }
                    }
                }
            }
            return (items, invalid)
        }
    }

    @Test("A line that is not UTF-8, or too long, is invalid; a byte order mark is not part of a key")
    func numbers() async throws {
        let bad: [UInt8] = [0x69, 0xFF, 0x09]
        let (items, invalid) = try await entries(
            of: [0xEF, 0xBB, 0xBF] + Array("img_a\n# c\nimg_\u{FF}\n".utf8) + bad + [0x0A]
                + [UInt8](repeating: 0x6B, count: 70_000) + Array("\nimg_b".utf8))
        #expect(items.map(\.reference.key.text) == ["img_a", "img_b"])
        #expect(invalid.map(\.number) == [3, 4, 5])
        #expect(invalid[1].bytes == bad, "as it was")
    }

    @Test("A file that is no list ends with one error; a list with a hundred invalid lines goes on")
    func notAList() async throws {
        let bad = String(repeating: "not a key\n", count: 100)
        let error = await #expect(throws: ImageFetchError.self) {
            try await entries(of: Array(("img_a\n" + bad).utf8))
        }
        #expect(error?.kind == .notAList)
        let good = (0..<100).map { "img_\($0)\n" }.joined()
        let (items, invalid) = try await entries(of: Array((good + bad).utf8))
        #expect(items.count == 100)
        #expect(invalid.count == 100)
    }

    @Test(
        "A list in UTF-16 is refused with what is wanted", arguments: [[0xFF, 0xFE, 0x69, 0], [0xFE, 0xFF, 0, 0x69]])
    func utf16(_ bytes: [UInt8]) async throws {
        let error = await #expect(throws: ImageFetchError.self) { try await entries(of: bytes) }
        #expect(error?.kind == .notAList)
        #expect(error?.description.contains("UTF-16") == true)
    }

    @Test("A list that is changed under the reader is an error, not another download")
    func changedList() async throws {
        try await withTemporaryFolder { folder in
            let path = try folder.write(Array("img_aaaa\n".utf8), to: "list")
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            try await SourceReader.with(
                .list(file.rawValue, FetchListFormat(tenant: try TenantName("acme"))), spoolDirectory: "/tmp",
                clocks: .system
            ) { reader in
                var reader = reader
                _ = try await reader.next()
                try folder.write(Array("not a key\n".utf8), to: "list")
                let error = #expect(throws: ImageFetchError.self) { try reader.item(at: SourcePosition(offset: 0)) }
                #expect(error?.kind == .readFailed)
            }
        }
    }

    @Test("A directory in place of a list is an error")
    func directory() async throws {
        try await withTemporaryFolder { folder in
            let file = try FileDescriptor.open(folder.path, .readOnly, options: .directory)
            defer { try? file.close() }
            let error = await #expect(throws: ImageFetchError.self) {
                try await SourceReader.with(
                    .list(file.rawValue, FetchListFormat(tenant: nil)), spoolDirectory: "/tmp", clocks: .system
                ) { reader in
                    var reader = reader
                    _ = try await reader.next()
                }
            }
            #expect(error?.kind == .readFailed)
        }
    }

    @Test("A copy that cannot be created is an error that names the directory")
    func noSpoolDirectory() async throws {
        let error = await #expect(throws: ImageFetchError.self) {
            try await TemporaryFile.with(in: "/nonexistent") { _ in }
        }
        #expect(error?.kind == .cannotCreate)
        #expect(error?.description.contains("/nonexistent") == true)
    }
}
