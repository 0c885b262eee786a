import Glibc

/// Prepares the process before anything else runs.
enum ProcessSetup {
    /// The signals as the process was started with.
    static let inheritedSignals = SignalState.current()

    /// The descriptors that the process was started with. A program that replaces us gets only these: SwiftNIO's epoll
    /// descriptors are not close-on-exec.
    static let inheritedDescriptors = openDescriptors()

    /// Call once, first, on the main thread.
    ///
    /// A closed descriptor 0 to 2 is replaced by a `/dev/null` that cannot be used: the store must never become
    /// descriptor 1, and a result that has nowhere to go must fail.
    static func prepare() {
        _ = inheritedSignals
        _ = inheritedDescriptors
        for descriptor: Int32 in 0...2 where fcntl(descriptor, F_GETFD) == -1 {
            _ = open("/dev/null", descriptor == 0 ? O_WRONLY : O_RDONLY)
        }
        ignoreOutputSignals()
        checkDescriptorLimit()
        checkAddressSpace()
        disableCrashReports()
        disableCoreDumps()
    }

    /// Ends the process where the network library would trap: the event loops, the store and a connection take up to 30
    /// descriptors.
    private static func checkDescriptorLimit() {
        guard let limit = limit(RLIMIT_NOFILE, under: 32) else { return }
        end("the limit of \(limit) open files is too low", "Raise it to 32 at least: ulimit -n 1024")
    }

    /// Ends the process where libdispatch would wait for threads for ever, and the network library would trap: threads
    /// reserve address space for their stacks.
    private static func checkAddressSpace() {
        guard let limit = limit(RLIMIT_AS, under: 2 << 30) else { return }
        end("the limit of \(limit >> 20) MiB of address space is too low", "Raise it to 2 GiB: ulimit -v 2097152")
    }

    private static func limit(_ resource: __rlimit_resource, under least: rlim_t) -> rlim_t? {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur < least else { return nil }
        return limit.rlim_cur
    }

    private static func end(_ error: String, _ remedy: String) -> Never {
        Terminal.report("larkimg: \(Language.current.text(error))\n  \(Language.current.text(remedy))\n")
        exit(EX_OSERR)
    }

    /// SIGPIPE and SIGXFSZ become errors of the write that caused them, so that each is reported and cleaned up after
    /// like any other.
    static func ignoreOutputSignals() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Marks the descriptors that were opened since the start as close-on-exec.
    static func closeOwnDescriptorsOnExec() {
        for descriptor in openDescriptors() where !inheritedDescriptors.contains(descriptor) {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }

    private static func openDescriptors() -> [Int32] {
        // Without /proc they are unknown; the few that stay open do no harm. FileManager would take a third of a
        // millisecond of every start.
        guard let directory = opendir("/proc/self/fd") else { return [] }
        defer { closedir(directory) }
        var descriptors: [Int32] = []
        while let entry = readdir(directory) {
            // ".", ".." and the directory itself are none.
            let number = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                Int32(String(decoding: name.prefix { $0 != 0 }, as: UTF8.self))
            }
            if let number, number != dirfd(directory) { descriptors.append(number) }
        }
        return descriptors
    }

    /// The size of core dumps as the process was started with.
    private static let inheritedCoreLimit = coreLimit()

    private static let coreResource = __rlimit_resource_t(RLIMIT_CORE.rawValue)

    private static func coreLimit() -> rlimit? {
        var limit = rlimit()
        return getrlimit(coreResource, &limit) == 0 ? limit : nil
    }

    /// A core dump would hold every secret that is in memory.
    private static func disableCoreDumps() {
        guard var limit = inheritedCoreLimit else { return }
        limit.rlim_cur = 0
        setrlimit(coreResource, &limit)
    }

    /// Gives a program that replaces us the limit that the process was started with.
    static func restoreCoreLimit() {
        guard var limit = inheritedCoreLimit else { return }
        setrlimit(coreResource, &limit)
    }

    /// Swift's crash report prints registers and the memory they point to, which may hold a secret. It stays off
    /// unless the user asks for it in `SWIFT_BACKTRACE` (docs/Backtracing.rst of the Swift project).
    private static func disableCrashReports() {
        guard getenv("SWIFT_BACKTRACE") == nil else { return }
        for crash in [SIGQUIT, SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP] { signal(crash, SIG_DFL) }
    }
}

/// Which signals a process blocks and ignores: what a program inherits through `exec` (signal(7)).
struct SignalState: Sendable {
    private let mask: sigset_t
    private let ignored: [Int32]

    private static let signals: ClosedRange<Int32> = 1...31

    /// The state of the calling thread and its process.
    static func current() -> SignalState {
        var mask = sigset_t()
        pthread_sigmask(SIG_SETMASK, nil, &mask)
        let ignored = signals.filter { number in
            var action = sigaction()
            return sigaction(number, nil, &action) == 0
                && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                    == unsafeBitCast(SIG_IGN, to: Int.self)
        }
        return SignalState(mask: mask, ignored: ignored)
    }

    /// Gives the calling thread and its process this state. Signals that had a handler get the default action, as
    /// `exec` does.
    func restore() {
        for number in Self.signals { signal(number, ignored.contains(number) ? SIG_IGN : SIG_DFL) }
        var mask = mask
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }
}
