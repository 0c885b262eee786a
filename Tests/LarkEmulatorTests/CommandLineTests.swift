import ArgumentParser
import Testing

@testable import lark_emulator

@Suite("The command line")
struct CommandLineTests {
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
}
