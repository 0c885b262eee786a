import ArgumentParser
import LarkAPI
import TokenStore

/// The value of `--month-quota`: how many calls an app may make in a calendar month.
enum MonthQuotaOption: Sendable {
    case calls(Int)
    /// No known quota.
    case unknown

    /// Reads a number or `none`.
    ///
    /// - Throws: ``InvalidValue`` for anything else.
    init(_ text: String) throws {
        guard text != "none" else {
            self = .unknown
            return
        }
        guard let calls = NumberText.value(text, units: [:]), Store.monthQuotas.contains(calls) else {
            throw InvalidValue(
                word: text, kind: "month quota", rule: "a number from 1 to 1000000000, or 'none': 10000")
        }
        self = .calls(calls)
    }

    /// The number; nil for no known quota.
    var calls: Int? {
        if case .calls(let calls) = self { calls } else { nil }
    }
}

extension ArgumentHelp {
    /// The help of `--month-quota`.
    static let monthQuota = ArgumentHelp(
        "How many API calls the app's plan allows in a calendar month, or none.", valueName: "n|none")
}
