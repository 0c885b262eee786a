import FoundationEssentials
import Glibc
import LarkAPI
import SystemPackage
import TestSupport
import Testing

@testable import TokenStore

@Suite("Secrets that are read where a reference says", .timeLimit(.minutes(2)))
struct SecretResolverTests {
    /// A clock whose time limit never ends.
    private static func clocks() -> TestClocks { TestClocks { $0 == SecretResolver.timeout } }

    private func resolver(
        _ environment: [String: String] = [:], clocks: TestClocks = Self.clocks()
    ) -> SecretResolver {
        SecretResolver(environment: environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }, clocks: clocks.timing)
    }

    private func read(_ text: String, _ environment: [String: String] = [:]) async throws -> Secret {
        try await resolver(environment).secret(SecretReference(text))
    }

    @Test("What is missing or is no secret is an error that names the reference and what to do, not the content")
    func unusable() async throws {
        try await withTemporaryFolder { folder in
            try folder.write(Array("canary secret".utf8), to: "spaces")
            try folder.write(Array(String(repeating: "canary", count: 1000).utf8), to: "long")
            try folder.write([], to: "empty")
            #expect(mkfifo(folder.appending("fifo").string, 0o600) == 0)
            for (text, reason) in [
                ("env:LARK_SECRET", "the variable is not set"), ("env:EMPTY", "is empty"),
                ("file:\(folder.path)/none", "no such file or directory"),
                ("file:\(folder.path)/spaces", "contains a space"),
                ("file:\(folder.path)/long", "is longer than 4096 bytes"), ("file:\(folder.path)/empty", "is empty"),
                ("file:\(folder.path)/fifo", "not a regular file"), ("file:\(folder.path)", "not a regular file"),
                ("systemd-credential:none", "no such file or directory"), ("exec:no-such-program", "no such program"),
                ("exec:printf 'canary secret'", "contains a space"), ("exec:true", "is empty"),
            ] {
                let error = await #expect(throws: StoreError.self, "\(text)") {
                    try await read(text, ["EMPTY": "", "CREDENTIALS_DIRECTORY": folder.path.string])
                }
                #expect(error?.code == .secretUnusable, "\(text)")
                #expect(error?.isRetryable == false)
                #expect(
                    error?.description.contains(text) == true && error?.description.contains(reason) == true,
                    "\(String(describing: error))"
                )
                #expect(error?.remedy?.advice.isEmpty == false)
            }
            let outside = await #expect(throws: StoreError.self) { try await read("systemd-credential:acme") }
            #expect(outside?.description.contains("systemd passed no credentials") == true)
        }
    }

    @Test(
        "A program that fails is an error that may pass, without a word of what it wrote",
        arguments: [
            ("exec:sh -c 'echo canary; echo canary >&2; exit 3'", "it ended with status 3"),
            ("exec:sh -c 'kill -9 $$'", "signal 9 ended it"),
            ("exec:sh -c 'yes canary'", "it printed more than 4096 bytes"),
        ])
    func failingProgram(_ text: String, _ reason: String) async throws {
        let error = await #expect(throws: StoreError.self) { try await read(text) }
        #expect(error?.code == .secretUnavailable && error?.isRetryable == true)
        #expect(error?.description.hasSuffix(reason) == true, "\(String(describing: error))")
        #expect(error?.remedy?.advice.contains("Run the command") == true)
    }

    @Test("A program that does not end is killed after 10 s, with what it started")
    func timeout() async throws {
        try await withTemporaryFolder { folder in
            let file = folder.appending("pid").string
            let started = TestClocks { _ in true }
            // The time limit is over once the program has started another one.
            let clocks = Clocks(
                now: started.timing.now, sleep: { _ in try await eventually { access(file, F_OK) == 0 } }, random: { 0 }
            )
            let resolver = SecretResolver(environment: ["PATH": "/usr/bin:/bin"], clocks: clocks)
            let reference = try SecretReference(
                "exec:sh -c 'sleep 600 & echo $! >\(file).new; mv \(file).new \(file); wait'")
            let error = await #expect(throws: StoreError.self) { try await resolver.secret(reference) }
            #expect(error?.code == .secretUnavailable)
            #expect(error?.description.hasSuffix("it did not end within 10 s") == true, "\(String(describing: error))")
            let child = try #require(pid_t(String(decoding: try folder.read("pid"), as: UTF8.self).dropLast()))
            // A zombie that no one has waited for yet has ended too.
            try await eventually {
                let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
                return state.map { $0.contains(") Z ") } ?? true
            }
        }
    }

    @Test("One that is cancelled ends its program, and is not remembered as a failure")
    func cancelled() async throws {
        let resolver = resolver()
        let reference = try SecretReference("exec:sleep 600")
        let task = Task { try await resolver.secret(reference) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A failure is repeated for five seconds, then the place is read again")
    func cooldown() async throws {
        try await withTemporaryFolder { folder in
            let clocks = Self.clocks()
            let resolver = resolver(clocks: clocks)
            let reference = try SecretReference("file:\(folder.path)/secret")
            await #expect(throws: StoreError.self) { try await resolver.secret(reference) }
            try folder.write(Array("found".utf8), to: "secret")
            await #expect(throws: StoreError.self) { try await resolver.secret(reference) }
            clocks.advance(5)
            #expect(try await resolver.secret(reference) == Secret("found"))
        }
    }

    @Test("A secret comes from a variable, a file, a link to one, a credential, and a program's stdout alone")
    func secrets() async throws {
        try await withTemporaryFolder { folder in
            try folder.write(Array("canary\n".utf8), to: "secret")
            #expect(symlink("secret", folder.appending("link").string) == 0)
            let environment = ["LARK_SECRET": "canary", "CREDENTIALS_DIRECTORY": folder.path.string]
            for text in [
                "env:LARK_SECRET", "file:\(folder.path)/secret", "file:\(folder.path)/link",
                "systemd-credential:secret", "exec:cat \(folder.path)/secret",
                "exec:sh -c 'echo noise >&2; printf %s $LARK_SECRET'", "exec:printenv LARK_SECRET",
            ] {
                #expect(try await read(text, environment) == Secret("canary"), "\(text)")
            }
        }
    }

    @Test("A program has no terminal, no input, no descriptors of this process, and the usual signals")
    func program() async throws {
        let pipe = try FileDescriptor.pipe()
        defer { for end in [pipe.readEnd, pipe.writeEnd] { try? end.close() } }
        // 0, 1, 2, and the directory that ls reads.
        let script = "test -z \"$(cat)\" && ls /proc/self/fd | wc -l"
        #expect(try await read("exec:sh -c '\(script)'") == Secret("4"))
        #expect(try await read("exec:sh -c '(: </dev/tty) 2>/dev/null || printf none'") == Secret("none"))
        let masks = "exec:sed -n 's/^SigBlk:.//p' /proc/self/status"
        #expect(try await read(masks) == Secret("0000000000000000"))
    }
}
