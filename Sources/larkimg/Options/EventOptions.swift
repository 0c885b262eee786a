import ArgumentParser
import TokenStore

/// The secrets that authenticate a store app's events, as the developer console shows it under "Encryption Strategy".
struct EventOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read the Verification Token from this file, or from stdin with '-'.", valueName: "file|-"))
    var verificationTokenFile: String?

    @Option(help: ArgumentHelp("Read the Encrypt Key from this file, or from stdin with '-'.", valueName: "file|-"))
    var encryptKeyFile: String?

    /// The settings with the given values replaced.
    ///
    /// - Throws: ``InputError``.
    func changed(_ old: EventSettings = EventSettings()) throws -> EventSettings {
        EventSettings(
            verificationToken: try verificationTokenFile.map { try SecretInput.read($0, what: "Verification Token") }
                ?? old.verificationToken,
            encryptKey: try encryptKeyFile.map { try SecretInput.read($0, what: "Encrypt Key") } ?? old.encryptKey)
    }
}
