import AuthServiceClient
import FoundationEssentials
import LarkAPI
import Logging
import NIOPosix
import Synchronization

/// Writes a line of JSON for each token that is given or refused, for requests that are refused, and for changes that a
/// request makes. It never contains a token or a secret.
///
/// Notices, which anyone can cause, are limited to one line a second for each address, with a count of those left out.
package struct AuditLog: Sendable {
    /// A line. Members that do not apply are absent.
    struct Entry: Encodable, Hashable, Sendable {
        var at = ""
        /// `token`, `reject`, `pause`, `event`, `request` for a request without an authenticated sender, or `connection`
        /// for a user who may not use the socket.
        let audit: String
        /// `given`, `taken`, the length of a pause, or the type of the error.
        let result: String
        var tenant: String?
        var app: String?
        var who: String?
        /// The client's IP address; nil on a Unix socket.
        var address: String?
        /// How many notices the line stands for, if more than one.
        var count: Int?
    }

    private struct NoticeKey: Hashable {
        let audit: String
        let who: String?
        let address: String?
    }

    private struct Notices {
        let writtenAt: Date
        /// The last of those that were not written, with their number.
        var pending: Entry?
    }

    private final class State: Sendable {
        let notices = Mutex<[NoticeKey: Notices]>([:])
    }

    private let writer: AuditWriter
    private let reopenFile: @Sendable () throws -> Void
    private let state = State()
    private let lines = SecondCache<Entry, String>()

    /// - Parameters:
    ///   - write: appends one or more lines, newlines included, with one system call. If it throws, no token is handed
    ///     out. It may block, and is never called twice at a time.
    ///   - reopen: opens the file again after it was rotated.
    package init(
        _ write: @escaping @Sendable (String) throws -> Void, reopen: @escaping @Sendable () throws -> Void = {}
    ) {
        writer = AuditWriter(write)
        reopenFile = reopen
    }

    /// Creates an audit log in a file.
    package init(_ file: AuditFile) {
        self.init({ try file.append($0) }, reopen: { try file.reopen() })
    }

    /// Writes a line and waits until it is written.
    ///
    /// - Throws: what writing throws.
    func record(_ entry: Entry, at now: Date) async throws {
        let line = try lines.value(for: entry, at: now) { second in
            var entry = entry
            entry.at = second.formatted(.iso8601)
            entry.tenant = entry.tenant.map { TerminalText.visible($0, limit: 64) }
            entry.who = entry.who.map { TerminalText.visible($0, limit: 64) }
            return String(decoding: try ServiceJSON.encode(entry), as: UTF8.self) + "\n"
        }
        try await writer.append(line)
    }

    /// Writes a line about something that no token depends on, unless there was one within the last second.
    func note(_ entry: Entry, at now: Date) async {
        let key = NoticeKey(audit: entry.audit, who: entry.who, address: entry.address)
        let due = state.notices.withLock { notices in
            var entry = entry
            if let pending = notices[key]?.pending { entry.count = (pending.count ?? 1) + 1 }
            if let last = notices[key], (0..<1).contains(now.timeIntervalSince(last.writtenAt)) {
                notices[key]?.pending = entry
                return nil as Entry?
            }
            notices[key] = Notices(writtenAt: now)
            return entry
        }
        if let due { await write(due, at: now) }
    }

    /// Writes the notices that were left out and are a second old.
    func writePendingNotices(at now: Date) async {
        let due = state.notices.withLock { notices in
            let old = notices.filter { !(0..<1).contains(now.timeIntervalSince($0.value.writtenAt)) }
            for (key, notice) in old { notices[key] = notice.pending == nil ? nil : Notices(writtenAt: now) }
            return old.values.compactMap(\.pending)
        }
        for entry in due { await write(entry, at: now) }
    }

    private func write(_ notice: Entry, at now: Date) async {
        do {
            try await record(notice, at: now)
        } catch {
            Logger.current.error("the audit log cannot be written", metadata: ["error": "\(error)"])
        }
    }

    /// Opens the file again, so that later lines go to a new file after the old one was renamed.
    ///
    /// - Throws: what opening throws; then lines still go to the old file.
    func reopen() async throws {
        try await NIOThreadPool.singleton.runIfActive { try reopenFile() }
    }
}
