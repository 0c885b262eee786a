#if PostgreSQL
import Glibc
import SystemPackage
import Testing

/// Servers that a test runs in a temporary directory of their own.
///
/// They end, and the directory goes, when the test process ends, also when it crashes: the script that starts them reads
/// a pipe that only the test process holds.
struct ServerScript: Sendable {
    /// PostgreSQL's own programs.
    static let programs = FilePath("/usr/lib/postgresql/15/bin")

    /// PostgreSQL refuses to run as root.
    static let unprivileged =
        getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []

    /// Where the servers keep their files and sockets.
    let directory: FilePath

    /// Starts servers.
    ///
    /// - Parameters:
    ///   - stop: bash that stops them.
    ///   - start: bash that starts them; `$run` in front of a command makes it unprivileged.
    /// - Throws: `Errno`; ``ServerFailure`` with what the servers wrote.
    init(stop: String, start: (FilePath) -> String) async throws {
        var template = Array("/tmp/larkimg-test.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
        directory = FilePath(String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        let folder = TemporaryFolder(path: directory)
        let script = """
            # The servers must not keep open what the tests have open.
            for file in /proc/$$/fd/*; do
                number=${file##*/}
                [ "$number" -le 2 ] || eval "exec $number>&-"
            done
            exec >\(directory)/log 2>&1
            trap '' HUP INT TERM
            cd \(directory)
            run='\(Self.unprivileged.joined(separator: " "))'
            PATH=\(Self.programs):/usr/sbin:$PATH
            (
                set -e
                [ -z "$run" ] || chown postgres .
                chmod a+rx .
                \(start(directory))
                touch ready
            )
            [ -e ready ] || touch failed
            cat >/dev/null
            \(stop)
            cd / && rm -rf \(directory)
            """
        try folder.write(Array(script.utf8), to: "script")
        guard popen("exec bash -c \"$(cat \(directory)/script)\"", "we") != nil else { throw Errno(rawValue: errno) }
        try await eventually { try folder.names().contains { $0 == "ready" || $0 == "failed" } }
        guard try folder.names().contains("ready") else {
            throw ServerFailure(text: String(decoding: try folder.read("log"), as: UTF8.self))
        }
    }

    /// Runs one of PostgreSQL's programs.
    @discardableResult
    func run(_ program: String, _ arguments: String...) async throws -> [String] {
        let words = Self.unprivileged + ["\(Self.programs)/\(program)"] + arguments
        let ending = try await BuiltProgram(words[0])
            .run(Array(words.dropFirst()), environment: ["PATH": "/usr/bin:/bin"], in: directory)
        guard ending.status == 0 else { throw ServerFailure(text: ending.errors) }
        return ending.lines
    }

    /// Runs statements with psql, outside of a transaction, and returns the output's lines.
    @discardableResult
    func psql(_ sql: String, port: UInt16, in database: String) async throws -> [String] {
        try await run(
            "psql", "-h", directory.string, "-p", "\(port)", "-U", "larkimg", "-d", database, "-X", "-q", "-A", "-t",
            "-v", "ON_ERROR_STOP=1", "-c", sql)
    }
}

/// A program of PostgreSQL that failed.
public struct ServerFailure: Error {
    /// What it wrote to stderr.
    public let text: String
}
#endif
