import ArgumentParser
import LarkAPI
import TokenStore

/// Looks for what keeps larkimg from working.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Check key, store, disk, clock, network and each tenant, and say what to do about each finding.",
        discussion: """
            Ends with 0 when nothing fails; with the status of what fails when that is one, else with 1.

            EXAMPLE
              larkimg doctor
              larkimg doctor --offline --json
            """
    )

    @Flag(help: "Look at this machine only: reach no host, ask for no token.")
    var offline = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: JSONOption

    func run() async throws {
        do {
            let doctor = Doctor(location: try store.location(), isOffline: offline)
            try await SignalHandling.ending { [asJSON = output.json] in
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
