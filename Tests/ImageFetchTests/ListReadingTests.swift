import Glibc
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("Reading a list", .timeLimit(.minutes(1)))
struct ListReadingTests {
    private func lines(of text: [UInt8]) async throws -> [String?] {
        try await withTemporaryFolder { folder in
            let path = try folder.write(text, to: "list")
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            var reader = LineReader(file, timing: .system)
            var lines: [String?] = []
            while true {
                let next = try await reader.next()
                if next.isEmpty { return lines }
                lines += next.map { $0.map { String(decoding: $0, as: UTF8.self) } }
            }
        }
    }

    @Test("The last line needs no end; empty lines are lines")
    func ends() async throws {
        #expect(try await lines(of: Array("a\n\nb\n".utf8)) == ["a", "", "b"])
        #expect(try await lines(of: Array("a\nb".utf8)) == ["a", "b"])
        #expect(try await lines(of: []) == [])
        #expect(try await lines(of: Array("\n".utf8)) == [""])
    }

    @Test("Lines across the pieces of a read are whole")
    func pieces() async throws {
        let wanted = (0..<5000).map { "line-\($0)-" + String(repeating: "x", count: $0 % 97) }
        let got = try await lines(of: Array(wanted.joined(separator: "\n").utf8))
        let isSame = got == wanted.map(Optional.some)
        #expect(isSame)
    }

    @Test("A line without end takes no memory and spoils no other", arguments: [70_000, 200_000, 1_000_000])
    func longLine(_ count: Int) async throws {
        let long = [UInt8](repeating: UInt8(ascii: "k"), count: count)
        #expect(try await lines(of: Array("a\n".utf8) + long + Array("\nb\n".utf8)) == ["a", nil, "b"])
        #expect(try await lines(of: long) == [nil])
    }

    @Test("A pipe on which nothing comes does not keep a run that is cancelled")
    func silentPipe() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let input = FileDescriptor(rawValue: ends[0])
        let task = Task {
            var reader = LineReader(input, timing: .system)
            return try await reader.next().count
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("What is no UTF-8, or too long, is told with its number; a byte order mark is no part of a key")
    func numbers() async throws {
        try await withTemporaryFolder { folder in
            let text =
                [0xEF, 0xBB, 0xBF] + Array("img_a\n# c\nimg_\u{FF}\n".utf8) + [0x69, 0xFF, 0x0A]
                + [UInt8](repeating: 0x6B, count: 70_000) + Array("\nimg_b".utf8)
            let path = try folder.write(text, to: "list")
            let file = try FileDescriptor.open(path, .readOnly)
            defer { try? file.close() }
            var reader = SourceReader(
                .list(file.rawValue, FetchListFormat(tenant: try TenantName("acme"))), timing: .system)
            var keys: [String] = []
            var invalid: [Int] = []
            while let entries = try await reader.next() {
                for entry in entries {
                    switch entry {
                    case .item(let item): keys.append(item.reference.key.text)
                    case .invalid(let line):
                        invalid.append(line.number)
                        #expect(line.text.count <= 200)
                    }
                }
            }
            #expect(keys == ["img_a", "img_b"])
            #expect(invalid == [3, 4, 5])
        }
    }

    @Test("A folder in place of a list is an error")
    func folder() async throws {
        try await withTemporaryFolder { folder in
            let file = try FileDescriptor.open(folder.path, .readOnly, options: .directory)
            defer { try? file.close() }
            var reader = SourceReader(.list(file.rawValue, FetchListFormat(tenant: nil)), timing: .system)
            let error = await #expect(throws: ImageFetchError.self) { try await reader.next() }
            #expect(error?.kind == .readFailed)
        }
    }
}
