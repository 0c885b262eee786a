import Glibc

/// Prepares the process before anything else runs.
enum ProcessSetup {
    /// Call once, first.
    ///
    /// A closed descriptor 0 to 2 is replaced by a `/dev/null` that cannot be used: the store must never become
    /// descriptor 1, and a result that has nowhere to go must fail. SIGPIPE and SIGXFSZ become errors of the write
    /// that caused them, so that each is reported and cleaned up like any other.
    static func prepare() {
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
        disableCrashReports()
    }

    /// Swift's crash report prints registers and the memory they point to, which may hold a secret. It stays off
    /// unless the user asks for it in `SWIFT_BACKTRACE` (docs/Backtracing.rst of the Swift project).
    private static func disableCrashReports() {
        guard getenv("SWIFT_BACKTRACE") == nil else { return }
        for crash in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(crash, SIG_DFL) }
    }
}
