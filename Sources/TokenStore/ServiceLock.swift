import Glibc
import LarkAPI
import PosixFiles
import SystemPackage

/// Held by the auth service of a store for as long as it runs; the kernel gives it up when the service dies.
package struct ServiceLock: Sendable {
    private let lock: ProcessLock

    private static let name = "service.lock"

    /// Takes the lock.
    ///
    /// - Throws: ``StoreError`` `alreadyRunning` while another service has it; what making the file throws.
    package init(of location: StoreLocation) throws {
        lock = try ProcessLock(Self.name, in: location.locks)
        var isTaken = lock.tryExclusive()
        // Those who only look whether it is held have it for an instant.
        for _ in 0..<20 where !isTaken {
            usleep(10_000)
            isTaken = lock.tryExclusive()
        }
        guard isTaken else {
            lock.close()
            throw StoreError(
                .alreadyRunning, "another larkimg serve is running on \(location.store)",
                remedy: "Use that one, stop it, or name another store with --store"
            )
        }
    }

    /// Gives it up.
    package func release() { lock.close() }

    /// Whether a service of the store runs at this moment.
    package static func isHeld(of location: StoreLocation) -> Bool {
        // Without the folder there never was a service; a lock that cannot be looked at is nobody's.
        guard FileStatus.of(location.locks.appending(name)) != nil,
            let lock = try? ProcessLock(name, in: location.locks)
        else { return false }
        defer { lock.close() }
        return !lock.isFree()
    }
}
