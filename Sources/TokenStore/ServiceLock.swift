import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// The lock that the auth service of a store holds while it runs, on all its listeners. The kernel releases it when the
/// process ends.
package struct ServiceLock: Sendable {
    private let lock: ProcessLock

    private static let name = "service.lock"

    /// Takes the lock.
    ///
    /// - Throws: ``StoreError`` `alreadyRunning` while another process holds it; `cannotCreate` or `unsafeLocation` for the lock file.
    package init(of location: StoreLocation) throws {
        lock = try ProcessLock(Self.name, in: location.locks)
        // The services of many hosts share a store on a server.
        guard location.server == nil else { return }
        var isTaken = lock.tryAcquire()
        // A process that only checks whether it is held takes it for an instant.
        for _ in 0..<20 where !isTaken {
            usleep(10_000)
            isTaken = lock.tryAcquire()
        }
        guard isTaken else {
            lock.release()
            throw StoreError(
                .alreadyRunning, "another auth service is running on \(location.name)",
                remedy: Remedy("Use that service, or stop it first", StoreAction.chooseStore)
            )
        }
    }

    /// Releases the lock.
    package func release() { lock.release() }

    /// Whether a service of the store is running.
    package static func isHeld(of location: StoreLocation) -> Bool {
        // The services of a fleet run on other hosts.
        guard location.server == nil else { return true }
        // Without the file there never was a service. A lock that cannot be examined counts as free.
        guard FileStatus.of(location.locks.appending(name)) != nil,
            let lock = try? ProcessLock(name, in: location.locks)
        else { return false }
        defer { lock.release() }
        return !lock.isFree()
    }
}
