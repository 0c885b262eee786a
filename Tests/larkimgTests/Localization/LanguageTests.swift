import LarkAPI
import Testing

@testable import larkimg

@Suite("The language of the user")
struct LanguageTests {
    @Test(
        "It is Chinese for a locale of simplified Chinese in UTF-8, and English for every other",
        arguments: [
            ("zh_CN.UTF-8", Language.chinese), ("zh_CN.utf8", .chinese), ("zh_CN", .chinese), ("zh_SG.UTF-8", .chinese),
            ("zh_Hans_CN.UTF-8", .chinese), ("zh-Hans-CN", .chinese), ("zh_CN.UTF-8@pinyin", .chinese),
            ("zh_TW.UTF-8", .english), ("zh_HK.UTF-8", .english), ("zh_CN.GBK", .english), ("zh_CN.GB18030", .english),
            ("zh_CNX", .english), ("en_US.UTF-8", .english), ("C.UTF-8", .english), ("C", .english), ("", .english),
        ])
    func locales(_ locale: String, _ language: Language) {
        #expect(Language(environment: ["LANG": locale]) == language)
    }

    @Test("LC_ALL comes before LC_MESSAGES, and that before LANG; an empty one does not count")
    func order() {
        let chinese = "zh_CN.UTF-8"
        #expect(Language(environment: [:]) == .english)
        #expect(Language(environment: ["LANG": chinese, "LC_ALL": "C"]) == .english)
        #expect(Language(environment: ["LANG": chinese, "LC_MESSAGES": "C"]) == .english)
        #expect(Language(environment: ["LANG": "C", "LC_MESSAGES": chinese]) == .chinese)
        #expect(Language(environment: ["LANG": "C", "LC_MESSAGES": "C", "LC_ALL": chinese]) == .chinese)
        #expect(Language(environment: ["LANG": chinese, "LC_MESSAGES": "", "LC_ALL": ""]) == .chinese)
        #expect(Language(environment: ["LANG": "C", "LC_CTYPE": chinese]) == .english)
    }

    @Test("Of an error of the platform only our own words are translated")
    func platformError() {
        let error = LarkError(
            .refused, "the app_secret is wrong", remedy: nil, platformCode: 10015, platformMessage: "the app_secret is",
            logID: "2024")
        #expect(Language.english.text(of: error) == "\(error)")
        #expect(Language.chinese.text(of: error) == "app_secret 错误 (10015: the app_secret is, log id 2024)")
    }

    @Test("Two lines of an error are in the language; the tenant, and what scripts read, are not")
    func failure() throws {
        let tenant = try TenantName("acme")
        let error = CommandError(description: "no key is given", remedy: "Leave it out")
        let failure = Failure(error, tenant: tenant)
        #expect(failure.text(in: .english) == "larkimg: acme: no key is given\n  Leave it out\n")
        #expect(failure.text(in: .chinese) == "larkimg: acme: 没有给出 key\n  去掉它\n")
        #expect(failure.remedy == "Leave it out")
    }
}
