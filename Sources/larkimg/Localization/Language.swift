import FoundationEssentials
import LarkAPI

/// The language of what people read: the help, errors, and what to do about them.
///
/// JSON, logs, results and the words of the command line are the same in every language.
enum Language: Sendable {
    case english
    /// In simplified characters.
    case chinese

    /// The language of this process.
    static let current = Language(environment: ProcessInfo.processInfo.environment)

    /// The language of the locale, which is the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is not empty
    /// (locale(7)).
    ///
    /// It is Chinese for `zh_CN`, `zh_SG` and `zh_Hans`, and English for everything else: `zh_TW` and `zh_HK` use
    /// traditional characters and other terms. All texts are UTF-8, so that it is English for another charset too.
    init(environment: [String: String]) {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty } ?? ""
        let name = locale.prefix { $0 != "." && $0 != "@" }.replacing("-", with: "_")
        let charset = locale.dropFirst(name.count).prefix { $0 != "@" }.filter { $0 != "-" }.lowercased()
        let isChinese = ["zh_CN", "zh_SG", "zh_Hans"].contains { name == $0 || name.hasPrefix("\($0)_") }
        self = isChinese && ["", ".utf8"].contains(charset) ? .chinese : .english
    }

    /// An English text in this language; the text itself if it has no translation.
    func text(_ english: String) -> String {
        self == .english ? english : ChineseTexts.table.translation(of: english) ?? english
    }

    /// What failed, in this language. What the platform and the system say, and the log id, stay as they are.
    func text(of error: any Error) -> String {
        // The description begins with the summary.
        guard let error = error as? LarkError else { return text("\(error)") }
        return text(error.summary) + error.description.dropFirst(error.summary.count)
    }
}
