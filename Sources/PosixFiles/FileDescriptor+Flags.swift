import Glibc
package import SystemPackage

extension FileDescriptor {
    /// Lets reads and writes wait, after an open that must not: `O_NONBLOCK`, fcntl(2).
    package func setBlocking() {
        let flags = fcntl(rawValue, F_GETFL)
        if flags >= 0 { _ = fcntl(rawValue, F_SETFL, flags & ~O_NONBLOCK) }
    }

    /// Keeps programs that this process starts from getting the descriptor: `FD_CLOEXEC`, fcntl(2).
    package func setClosedOnExec() { _ = fcntl(rawValue, F_SETFD, FD_CLOEXEC) }
}
