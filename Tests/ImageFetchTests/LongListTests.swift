import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("What does not fit into memory")
struct LongListTests {
    @Test("Of a hundred thousand things each is new once, across every growth of the table")
    func seen() async throws {
        try await SpoolFile.with(in: "/tmp") { file in
            var seen = DiskBackedSet(file)
            var wrong = 0
            for number in 0..<100_000 where try !seen.insert("img_\(number)") { wrong += 1 }
            for number in stride(from: 0, to: 100_000, by: 7) where try seen.insert("img_\(number)") { wrong += 1 }
            #expect(wrong == 0)
        }
    }

    private static func items(_ count: Int) throws -> [FetchItem] {
        try (0..<count)
            .map { number in
                let reference =
                    switch number % 3 {
                    case 0: try ImageReference("img_\(number)")
                    case 1: try ImageReference("om_\(number)/img_x", type: .file)
                    default: try ImageReference("om_\(number)/file_x", type: .image)
                    }
                return FetchItem(
                    tenant: try TenantName("é:\(number % 5)"), reference: reference,
                    output: number % 2 == 0 ? try OutputName("a b/\(number) é.png") : nil)
            }
    }

    @Test(
        "A queue gives back what it was given, in order, whatever part of it was on the disk",
        arguments: [1, 7, 100, 5000])
    func queue(memory: Int) async throws {
        let items = try Self.items(1000)
        try await SpoolFile.with(in: "/tmp") { file in
            var spool = Spool(file)
            var queue = ItemQueue()
            var got: [FetchItem] = []
            for (number, item) in items.enumerated() {
                try queue.append(item, memory: memory, spool: &spool)
                if number % 3 == 0, let first = try queue.popFirst(from: spool) { got.append(first) }
            }
            #expect(queue.count == items.count - got.count)
            while let item = try queue.popFirst(from: spool) { got.append(item) }
            let isSame = got == items
            #expect(isSame)
            #expect(queue.isEmpty)
        }
    }

    @Test("A list that cannot be spooled is an error that names the folder")
    func noSpool() async throws {
        let error = await #expect(throws: ImageFetchError.self) {
            try await SpoolFile.with(in: "/nonexistent") { _ in }
        }
        #expect(error?.kind == .cannotCreate)
        #expect(error?.description.contains("/nonexistent") == true)
    }
}
