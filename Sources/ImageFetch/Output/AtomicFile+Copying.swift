import Glibc
import LarkAPI
import SystemPackage

extension AtomicFile {
    /// What a pipe that takes anything takes at once (PIPE_BUF, pipe(7)).
    private static let piece = 4096

    /// Copies the file to an open descriptor.
    ///
    /// Before each write the descriptor is asked whether it takes anything, and it gets no more than it takes without
    /// waiting. So a reader that sleeps holds no thread and keeps no download that is cancelled, and a pipe that
    /// another process has made non-blocking is no error.
    ///
    /// - Throws: ``ImageFetchError`` `writeFailed`; `CancellationError` when the task is cancelled meanwhile.
    func copy(to descriptor: FileDescriptor, timing: Clocks) async throws {
        do {
            var offset: Int64 = 0
            while true {
                let part = try [UInt8](unsafeUninitializedCapacity: Self.piece) { buffer, count in
                    count = try file.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
                }
                guard !part.isEmpty else { return }
                try await Self.untilReady(descriptor, timing: timing)
                do {
                    offset += Int64(try part.withUnsafeBytes { try descriptor.write($0) })
                } catch Errno.resourceTemporarilyUnavailable {
                    // Somebody else wrote to it in between.
                    continue
                }
            }
        } catch let error as Errno {
            throw ImageFetchError(
                .writeFailed, "the image cannot be written to the output: \(error.description.lowercased())",
                remedy: "Check where the output goes; it may contain part of the image", underlying: error
            )
        }
    }

    /// Comes back when the descriptor takes something, or has a fault for the write to tell.
    private static func untilReady(_ descriptor: FileDescriptor, timing: Clocks) async throws {
        // Of a number below zero poll(2) says nothing, for ever.
        guard descriptor.rawValue >= 0 else { throw Errno.badFileDescriptor }
        var wait = Duration.milliseconds(1)
        while true {
            try Task.checkCancellation()
            var question = pollfd(fd: descriptor.rawValue, events: Int16(POLLOUT), revents: 0)
            if poll(&question, 1, 0) > 0 { return }
            try await timing.sleep(wait)
            wait = min(wait * 2, .milliseconds(50))
        }
    }
}
