import Testing

@testable import larkimg

@Suite("A table of texts")
struct TextTableTests {
    private let table = TextTable([
        """
        Create it
        创建它

        %1 of %2 is missing
        缺少 %2 的 %1

        %1 of %2 is missing here
        这里缺少 %2 的 %1

        In the console, %1
        在控制台：@1
        """,
        """
        enable it
        启用它
        """,
    ])

    @Test(
        "A text that is not of a known form has no translation",
        arguments: [
            "", "Create", "Create it again", "create it", " of b is missing", "a of  is missing",
            "a of b is missing now",
            "In the console, ", "In the console, do something else", "enable it. Do something else",
            "a. Create it of b is missing",
        ])
    func unknown(_ text: String) {
        #expect(table.translation(of: text) == nil)
    }

    @Test(
        "A text is translated as a whole, else sentence by sentence, with its values as they are",
        arguments: [
            ("Create it", "创建它"), ("a of b is missing", "缺少 b 的 a"), ("/a b/c of b is missing", "缺少 b 的 /a b/c"),
            ("a of b is missing here", "这里缺少 b 的 a"), ("%2 of @1 is missing", "缺少 @1 的 %2"),
            ("In the console, enable it", "在控制台：启用它"), ("In the console, name", "在控制台：name"),
            ("Create it. enable it. a of b is missing", "创建它。启用它。缺少 b 的 a"),
        ])
    func known(_ text: String, _ translation: String) {
        #expect(table.translation(of: text) == translation)
    }
}
