import ArgumentParser
import LarkAPI
import TokenStore

/// Checks everything that larkimg needs.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check key, store, disk, clock, network and each tenant, and say how to fix problems.",
        discussion: """
            The exit status is 0 if nothing fails, the status that all failures share, or else 1.

            EXAMPLE
              larkimg doctor
              larkimg doctor --offline --json
            """
    )

    @Flag(help: "Check this machine only: contact no host, request no token.")
    var offline = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var network: NetworkOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let doctor = Doctor(location: try store.location(), network: network, isOffline: offline)
            try await SignalHandling.cancelOnSignal { [asJSON = output.json] in
                var statuses: Set<Int32> = []
                try await doctor.examine { finding in
                    try Terminal.write(asJSON ? JSONLine.text(finding) : finding.text)
                    if let status = finding.exitStatus { statuses.insert(status) }
                }
                if let status = statuses.first { throw ExitCode(statuses.count == 1 ? status : ExitStatus.mixed) }
            }
        } catch let error where !(error is ExitCode) {
            throw Failure(error, asJSON: output.json)
        }
    }
}
