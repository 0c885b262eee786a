import Glibc
import ImageFetch
import LarkAPI
import LarkEmulator
import SystemPackage
import TestSupport
import Testing

@Suite("Downloads to a descriptor", .timeLimit(.minutes(2)))
struct DescriptorDestinationTests {
    /// Runs a body with a file's descriptor as the destination.
    private func withOutput(
        _ path: FilePath, _ body: (Destination) async throws -> Void
    ) async throws {
        let output = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
        do {
            try await body(.descriptor(output.rawValue))
        } catch {
            // The body's error is the one to see.
            try? output.close()
            throw error
        }
        try output.close()
    }

    @Test(
        "A download that fails writes nothing to it",
        arguments: [
            [Fault.Action.cut(afterBytes: 149_999)], [.chunked, .cut(afterBytes: 100_000)], [.code(234005)],
            [.body("<html>")], [.error(status: 200, code: 234008, msg: nil, headers: nil)],
        ])
    func nothing(_ actions: [Fault.Action]) async throws {
        try await withPlatform { platform in
            let key = platform.seed(SampleImages.png(bytes: 150_000))
            platform.spoil(actions)
            try await withOutput(platform.folder.appending("output")) { output in
                _ = try await platform.failure(key, to: output)
            }
            #expect(try platform.folder.read("output") == [])
        }
    }

    @Test(
        "An output that cannot be written is an error of writing",
        arguments: ["/dev/full", "a reader that is gone", "closed"])
    func cannotWrite(_ what: String) async throws {
        try await withPlatform { platform in
            let key = platform.seed()
            let failure: DownloadFailure
            switch what {
            case "closed":
                failure = try await platform.failure(key, to: .descriptor(-1))
            case "/dev/full":
                let device = try FileDescriptor.open("/dev/full", .writeOnly, options: .closeOnExec)
                failure = try await platform.failure(key, to: .descriptor(device.rawValue))
                try device.close()
            default:
                // Nothing of this process may die of SIGPIPE here: its first socket has set it to be ignored.
                let (reader, writer) = try FileDescriptor.pipe()
                try reader.close()
                failure = try await platform.failure(key, to: .descriptor(writer.rawValue))
                try writer.close()
            }
            #expect((failure.error as? ImageFetchError)?.kind == .writeFailed, "\(failure.error)")
            #expect(failure.attempts == 1)
        }
    }

    @Test("A whole image is written at the descriptor's position, and leaves no file")
    func whole() async throws {
        try await withPlatform { platform in
            let bytes = SampleImages.png(bytes: 200_000)
            let key = platform.seed(bytes)
            try await withOutput(platform.folder.appending("output")) { output in
                let outcome = try await platform.download(key, to: output)
                #expect(outcome.path == nil)
                #expect(outcome.status == .downloaded)
                #expect(outcome.bytes == bytes.count)
                #expect(outcome.sha256?.count == 64)
                _ = try await platform.download(key, to: output)
            }
            #expect(try platform.folder.read("output") == bytes + bytes)
            #expect(try platform.files() == ["output"])
        }
    }

    @Test("A reader that stops does not hold up a cancelled download")
    func sleepingReader() async throws {
        try await withPlatform(waitsForReal: true) { platform in
            let key = platform.seed(SampleImages.png(bytes: 500_000))
            let pipe = try Pipe()
            let task = Task { try await platform.download(key, to: .descriptor(pipe.writer.rawValue)) }
            // Where a first byte is, the writing has begun; the rest does not fit.
            try await eventually { try !pipe.readWhatIsThere(upTo: 1).isEmpty }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            try pipe.writer.close()
            try pipe.reader.close()
        }
    }

    @Test(
        "A pipe that holds less than the image gets all of it, also one made non-blocking", arguments: [0, O_NONBLOCK])
    func smallPipe(flags: Int32) async throws {
        try await withPlatform(waitsForReal: true) { platform in
            let bytes = SampleImages.png(bytes: 300_000)
            let key = platform.seed(bytes)
            let pipe = try Pipe()
            try #require(fcntl(pipe.writer.rawValue, F_SETFL, flags) == 0)
            let task = Task { try await platform.download(key, to: .descriptor(pipe.writer.rawValue)) }
            var read: [UInt8] = []
            try await eventually {
                read += try pipe.readWhatIsThere(upTo: 65_536)
                return read.count >= bytes.count
            }
            let outcome = try await task.value
            #expect(outcome.bytes == bytes.count)
            #expect(read == bytes)
            try pipe.writer.close()
            try pipe.reader.close()
        }
    }
}

/// A pipe whose reader never waits: tests share two threads, and one that waits in read(2) is lost to all.
private struct Pipe: Sendable {
    let reader: FileDescriptor
    let writer: FileDescriptor

    init() throws {
        (reader, writer) = try FileDescriptor.pipe()
        guard fcntl(reader.rawValue, F_SETFL, O_NONBLOCK) == 0 else { throw Errno(rawValue: errno) }
    }

    func readWhatIsThere(upTo limit: Int) throws -> [UInt8] {
        do {
            return try [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
                count = try reader.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch Errno.resourceTemporarilyUnavailable {
            return []
        }
    }
}
