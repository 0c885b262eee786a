import ArgumentParser
import TokenStore

/// Checks the whole store.
struct StoreCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the whole store, every sealed value included. The status is 78 if it is damaged.",
        discussion: """
            EXAMPLE
              larkimg store check
            """
    )

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        let check: StoreCheck
        do {
            check = try await Store.open(at: store.location()).check()
            if output.json {
                try Terminal.write(JSONLine.text(CheckLine(tenants: check.tenants, findings: check.findings)))
            } else {
                let verdict = check.findings.isEmpty ? "sound" : "not sound"
                try Terminal.write(
                    "\(verdict): \(check.tenants) tenants\n" + check.findings.map { "  \($0)\n" }.joined())
            }
        } catch {
            throw Failure(error, asJSON: output.json)
        }
        if !check.findings.isEmpty { throw ExitCode(ExitStatus.configuration) }
    }

    private struct CheckLine: Encodable {
        let tenants: Int
        let findings: [String]
    }
}
