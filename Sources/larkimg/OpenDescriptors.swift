import FoundationEssentials

/// Which descriptors the process has open.
///
/// A program that we become gets those that we were started with and no others; the epoll descriptors of SwiftNIO are
/// not close-on-exec by themselves.
enum OpenDescriptors {
    /// Those that the process was started with; first read by ``ProcessSetup/prepare()``.
    static let inherited = now()

    static func now() -> Set<Int32> {
        // Without /proc nothing can be told apart, and the few that are left open do no harm.
        Set(((try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []).compactMap { Int32($0) })
    }
}
