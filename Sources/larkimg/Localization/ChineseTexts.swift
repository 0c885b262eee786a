/// The Chinese texts, each below the English one that it translates.
///
/// A text that is missing here makes a test fail, and so does one that no longer exists. Commands, options, variables
/// and the names of fields are never translated.
enum ChineseTexts {
    /// Built when the first text is shown in Chinese.
    static let table = TextTable(sources)

    static var sources: [String] {
        [
            actions, generalActions, errorCodes, remedies, platformErrors, storeErrors, serviceErrors, values,
            commandErrors, inputErrors, optionErrors, commands, serviceCommands, options, fetchOptions, serviceOptions,
        ]
    }
}
