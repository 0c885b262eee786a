import ArgumentParser
import Dispatch
import FoundationEssentials
import Glibc
import LarkAPI
import Logging

/// Where the process starts.
@main
enum Main {
    static func main() {
        ProcessSetup.prepare()
        // Until a service handles it, a signal that asks for a reload must not end it.
        if ["serve", "agent"].contains(CommandLine.arguments.dropFirst().first) { signal(SIGHUP, SIG_IGN) }
        // Most of the time of so short a command would be the argument parser's.
        if CommandLine.arguments.dropFirst().elementsEqual(["--version"]) { printVersion() }
        LoggingSystem.bootstrap { _ in StderrLogHandler() }
        Task {
            await CachedTokenCommand.run()
            await run()
        }
        dispatchMain()
    }

    private static func printVersion() -> Never {
        do {
            try Terminal.write("\(VersionText.text)\n")
            exit(EXIT_SUCCESS)
        } catch {
            Failure(error).end(asJSON: false)
        }
    }

    private static func run() async {
        await withLogger(Logger(label: "larkimg")) { _ in
            do {
                await run(try await Larkimg.asyncParseAsRoot())
            } catch {
                CommandLineError(error).end()
            }
        }
    }

    private static func run(_ command: any ParsableCommand) async -> Never {
        do {
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            Larkimg.exit()
        } catch {
            Failure(error, of: command).end(asJSON: (command as? any ReportingCommand)?.json ?? false)
        }
    }
}

/// The command and its subcommands.
struct Larkimg: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "larkimg",
        abstract: "Download images from Lark and Feishu, and share one cached token per tenant.",
        discussion: """
            A tenant_access_token is requested once and shared by all processes of a user. Images are complete or \
            absent, never partial.

            EXAMPLE
              larkimg tenant add acme --app-id cli_a1b2c3 --app-secret-file secret.txt
              larkimg fetch --tenant acme img_v3_02ab

            EXIT STATUS
              0 done, 64 usage, 65 the server sent bad data, 66 no such image,
              69 the platform cannot be reached, 73 the output cannot be created,
              74 writing failed, 75 try again later, 77 refused, 78 configuration,
              130 interrupted; 1 if several images failed for different reasons.
            """,
        version: VersionText.text,
        subcommands: [
            TenantCommand.self, AppCommand.self, FetchCommand.self, KeysCommand.self, TokenCommand.self,
            ExecCommand.self, AgentCommand.self,
            ServeCommand.self, ClientCommand.self, StatusCommand.self, DoctorCommand.self, StoreCommand.self,
        ]
    )

    func run() async throws {
        guard FirstSteps.areDue(in: ProcessInfo.processInfo.environment) else { throw CleanExit.helpRequest(self) }
        try Terminal.write(FirstSteps.text(in: .current))
    }
}
