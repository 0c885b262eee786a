import LarkEmulator
import TestSupport
import Testing

@Suite("larkimg in Chinese", .timeLimit(.minutes(10)))
struct ChineseCommandTests {
    private static let chinese = ["LANG": "zh_CN.UTF-8"]
    private static let english = ["LANG": "C"]

    @Test("Help is in the language of the locale, with the same examples", arguments: ["fetch", "tenant"])
    func help(_ command: String) async throws {
        try await withCLI { cli in
            let english = try await cli.larkimg([command, "--help"], extra: Self.english)
            let chinese = try await cli.larkimg([command, "--help"], extra: Self.chinese)
            #expect(english.status == 0 && chinese.status == 0)
            #expect(english.text.hasPrefix("OVERVIEW: ") && english.text.contains("\nOPTIONS:\n"), "\(english.text)")
            #expect(chinese.text.hasPrefix("概述：") && chinese.text.contains("\n选项：\n"), "\(chinese.text)")
            #expect(chinese.text.contains("\n用法：larkimg \(command) "), "\(chinese.text)")
            #expect(chinese.text.contains("显示帮助。"), "\(chinese.text)")
            let examples = english.lines.filter { $0.hasPrefix("  larkimg ") }
            #expect(!examples.isEmpty)
            for example in examples { #expect(chinese.lines.contains(example), "\(chinese.text)") }
            let group = try await cli.larkimg(["help", command], extra: Self.chinese)
            #expect(group.text == chinese.text)
        }
    }

    @Test("An error has a remedy in the language of the locale; JSON is the same in every one")
    func errors() async throws {
        try await withCLI { cli in
            let command = ["token", "--tenant", "acmee"]
            let english = try await cli.larkimg(command, extra: Self.english)
            #expect(
                english.status == 78 && english.errors.contains("  The nearest name is acme. "), "\(english.errors)")
            let chinese = try await cli.larkimg(command, extra: Self.chinese)
            #expect(chinese.status == 78)
            #expect(chinese.errors.contains("  最接近的名称是 acme。参见 larkimg tenant list，"), "\(chinese.errors)")
            let json = try await cli.larkimg(command + ["--json"], extra: Self.english)
            #expect(json.errors.contains("The nearest name is acme. "))
            #expect(try await cli.larkimg(command + ["--json"], extra: Self.chinese).errors == json.errors)
        }
    }

    @Test("A code of the platform is explained in Chinese, and its own message and log id stay as they are")
    func platformError() async throws {
        try await withCLI { cli in
            cli.emulator.addFault(
                Fault(.imagesGet, times: .always, .error(status: 400, code: 234001, msg: "said so", headers: nil)))
            let ending = try await cli.larkimg(["fetch", "--tenant", "acme", "img_x"], extra: Self.chinese)
            #expect(ending.status == 66 && ending.output.isEmpty)
            #expect(
                ending.errors.hasPrefix("larkimg: acme: img_x: 平台上没有该应用可用的这张图片 (234001: said so"),
                "\(ending.errors)")
            #expect(
                ending.errors.hasSuffix(
                    "。下载用户发送的图片：larkimg fetch --tenant acme --message MESSAGE_ID img_x\n"), "\(ending.errors)")
            let json = try await cli.larkimg(["fetch", "--tenant", "acme", "img_x", "--json"], extra: Self.chinese)
            let error = try #require(try JSON.object(json.text)["error"], "\(json.text)")
            #expect(error["message"] == .string("said so"))
            let other = try await cli.larkimg(["fetch", "--tenant", "acme", "img_x", "--json"], extra: Self.english)
            #expect(try JSON.object(other.text)["error"]?["remedy"] == error["remedy"])
        }
    }

    @Test("Usage errors are in the language of the locale, and LC_ALL comes before LANG")
    func usage() async throws {
        try await withCLI { cli in
            let command = ["token", "--zzzzzzzzzz"]
            let chinese = try await cli.larkimg(command, extra: Self.chinese)
            #expect(chinese.status == 64)
            #expect(chinese.errors == "larkimg: 未知选项 '--zzzzzzzzzz'\n  参见 larkimg token --help\n")
            let english = try await cli.larkimg(command, extra: Self.chinese.merging(["LC_ALL": "C"]) { $1 })
            #expect(english.errors == "larkimg: unknown option '--zzzzzzzzzz'\n  See larkimg token --help\n")
            for (arguments, words) in [
                (["token", "--format"], "'--format <format>' 缺少值"),
                (["token", "--format", "xml"], "'--format <format>' 的值 'xml' 无效。请使用以下之一："),
                (["tenant", "show"], "缺少参数 '<name>'"), (["tenant", "list", "a"], "多余的参数 'a'"),
                (["tenant", "list", "a", "b"], "2 个多余的参数：'a', 'b'"),
                (["token", "--json=x"], "选项 '--json' 不带值，但给出了 'x'。"), (["tokne"], "没有命令 larkimg tokne"),
                (["token", "--tenent", "a"], "未知选项 '--tenent'。是不是 '--tenant'？"),
                (["tenant", "add", "a", "--quota", "x"], "'--quota <rate>' 的值 'x' 无效：'x' 不是有效的quota，应为：1/s 到"),
                (["fetch", "--tenant", "acme"], "没有给出 key"),
            ] {
                let ending = try await cli.larkimg(arguments, extra: Self.chinese)
                #expect(ending.status == 64)
                #expect(ending.errors.hasPrefix("larkimg: \(words)"), "\(arguments): \(ending.errors)")
            }
        }
    }

    @Test(
        "What programs read is the same in every language",
        arguments: [
            ["--experimental-dump-help"], ["--generate-completion-script", "bash"], ["--version"], ["tenant", "list"],
            ["status", "--json"], ["store", "path", "--json"], ["doctor", "--offline", "--json"],
        ])
    func results(_ arguments: [String]) async throws {
        try await withCLI { cli in
            let english = try await cli.larkimg(arguments, extra: Self.english)
            let chinese = try await cli.larkimg(arguments, extra: Self.chinese)
            #expect(chinese.status == english.status && chinese.output == english.output, "\(chinese.text)")
        }
    }
}
