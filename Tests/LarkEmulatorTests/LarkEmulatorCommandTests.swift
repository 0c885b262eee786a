import ArgumentParser
import FoundationEssentials
import Subprocess
import SystemPackage
import Testing

@testable import lark_emulator

@Suite("The command lark-emulator")
struct LarkEmulatorCommandTests {
    @Test("Apps, tenants and addresses are read")
    func parses() throws {
        let command = try LarkEmulatorCommand.parse([
            "--listen", "[::1]:8080", "--app", "cli_a:s:with:colons", "--store-app", "cli_s:t", "--installed",
            "cli_s:tenant1", "--quota", "--tls", "cert.pem", "key.pem",
        ])
        #expect(command.listen.host == "::1")
        #expect(command.listen.port == 8080)
        #expect(command.app.first?.value == "s:with:colons")
        #expect(command.installed.first?.value == "tenant1")
        #expect(command.tls == ["cert.pem", "key.pem"])
    }

    @Test(
        "What cannot be is a usage error",
        arguments: [
            ["--app", "cli_a"], ["--app", ":s"], ["--app", "cli_a:"], ["--listen", "8080"], ["--listen", "host:70000"],
            ["--tls", "cert.pem"], ["--installed", "cli_s:tenant1"], ["positional"],
        ]
    )
    func refuses(_ arguments: [String]) {
        do {
            _ = try LarkEmulatorCommand.parse(arguments)
            Issue.record("\(arguments) was taken")
        } catch {
            #expect(LarkEmulatorCommand.exitCode(for: error) == .validationFailure)
        }
    }

    /// The binary beside that of the tests.
    private var executable: Executable {
        get throws {
            let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            return .path(FilePath(own).removingLastComponent().appending("lark-emulator"))
        }
    }

    /// Runs a body while the emulator serves an app; the body gets the port from its first line of output.
    private func whileServing(
        _ arguments: [String] = [],
        ending signal: Signal = .terminate,
        _ body: @escaping (Int) async throws -> Void
    ) async throws -> TerminationStatus {
        let outcome = try await run(
            try executable,
            arguments: Arguments(["--app", "cli_a:s"] + arguments),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                let port = line.split(separator: ":").last.map { $0.prefix { $0.isNumber } }.flatMap { Int($0) }
                try await body(try #require(port))
                try execution.send(signal: signal)
            }
        }
        return outcome.terminationStatus
    }

    @Test(
        "It writes its port into a file, serves, and ends with 0 at a signal",
        arguments: [Signal.terminate, .interrupt])
    func serves(_ signal: Signal) async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "lark-emulator-\(UUID()).port")
        let status = try await whileServing(["--port-file", file.path], ending: signal) { port in
            #expect(try String(contentsOf: file, encoding: .utf8) == "\(port)\n")
            try FileManager.default.removeItem(at: file)
            #expect(try await PlatformClient(port: port).askToken().code == 0)
        }
        #expect(status == .exited(0))
    }

    @Test("A port in use is status 69 and one line")
    func portInUse() async throws {
        _ = try await whileServing { port in
            let second = try await run(
                try executable,
                arguments: ["--listen", "127.0.0.1:\(port)"],
                output: .string(limit: 10_000),
                error: .string(limit: 10_000)
            )
            #expect(second.terminationStatus == .exited(69))
            #expect(second.standardOutput == "")
            #expect(second.standardError.hasPrefix("lark-emulator: cannot listen on 127.0.0.1:\(port): "))
            #expect(second.standardError.split(separator: "\n").count == 1)
        }
    }

    @Test("--version prints a version")
    func version() async throws {
        let outcome = try await run(
            try executable, arguments: ["--version"], output: .string(limit: 100), error: .discarded)
        #expect(outcome.standardOutput.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    }

    @Test("A bad --app is status 64, with the form it should have")
    func badApp() async throws {
        let outcome = try await run(
            try executable,
            arguments: ["--app", "cli_a"],
            output: .discarded,
            error: .string(limit: 10_000)
        )
        #expect(outcome.terminationStatus == .exited(64))
        #expect(outcome.standardError.contains("--app <app-id:secret>"))
    }

    @Test("A port file that cannot be written is status 73")
    func portFile() async throws {
        let outcome = try await run(
            try executable,
            arguments: ["--app", "cli_a:s", "--port-file", "/nonexistent/port"],
            output: .discarded,
            error: .string(limit: 10_000)
        )
        #expect(outcome.terminationStatus == .exited(73))
    }
}
