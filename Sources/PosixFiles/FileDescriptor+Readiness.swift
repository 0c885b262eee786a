import Glibc
package import SystemPackage

extension FileDescriptor {
    /// What a descriptor is asked about before it is used.
    package enum Direction: Sendable {
        case reading
        case writing
    }

    /// Whether the next read or write returns at once: with data, with the end of the file, or with an error.
    ///
    /// - Parameter milliseconds: how long to wait for it, at most.
    /// - Throws: `Errno` `badFileDescriptor` for a negative number, of which `poll(2)` never reports anything.
    package func isReady(for direction: Direction, within milliseconds: Int32 = 0) throws(Errno) -> Bool {
        guard rawValue >= 0 else { throw Errno.badFileDescriptor }
        let events = direction == .reading ? POLLIN : POLLOUT
        var request = pollfd(fd: rawValue, events: Int16(events), revents: 0)
        return poll(&request, 1, milliseconds) > 0
    }
}
