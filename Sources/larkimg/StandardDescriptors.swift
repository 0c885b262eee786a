import Glibc

/// Puts the three standard descriptors and two signals in order before anything else runs.
enum StandardDescriptors {
    /// Call once, first.
    ///
    /// A closed descriptor 0 to 2 is taken by a `/dev/null` that cannot be written: the store must never become
    /// descriptor 1, and a result that has nowhere to go must fail. SIGPIPE and SIGXFSZ become errors of the write
    /// that caused them, so that each is reported and cleaned up after like any other.
    static func prepare() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }
}
