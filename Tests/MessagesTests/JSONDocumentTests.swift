import Testing

@testable import Messages

@Suite("JSON texts")
struct JSONDocumentTests {
    private func root(_ text: String) throws -> JSONValue { try JSONDocument(Array(text.utf8)).root }

    @Test(
        "What is not JSON is refused",
        arguments: [
            "", " ", "{", "[", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "\"a", "\"a\\", "\"a\\\"", "tru", "[1,]",
            "{,}", "{\"a\" 1}", "{\"a\":1}}", "[1 2]", "'a'", "\"a\nb\"", "nul", "x", "{1:2}", "[1]x", "\u{FEFF}{}",
        ])
    func refused(_ text: String) { #expect(throws: JSONSyntaxError.self) { try root(text) } }

    @Test("A text that ends early is told apart from one that is wrong")
    func incomplete() throws {
        for text in ["{", "{\"a\": [1, ", "\"a", "tr", "{\"a\""] {
            do throws(JSONSyntaxError) {
                _ = try JSONDocument(Array(text.utf8))
                Issue.record("\(text)")
            } catch {
                #expect(error.isIncomplete, "\(text)")
            }
        }
        do throws(JSONSyntaxError) {
            _ = try JSONDocument(Array("{]".utf8))
            Issue.record("accepted")
        } catch {
            #expect(!error.isIncomplete)
        }
    }

    @Test("Nesting is limited, so that no text exhausts the stack")
    func nesting() throws {
        let deepest = JSONDocument.deepest
        _ = try root(String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest))
        #expect(throws: JSONSyntaxError.self) { try root(String(repeating: "[", count: deepest + 1)) }
        #expect(throws: JSONSyntaxError.self) { try root(String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test("Members are found by their names; of two with one name the last counts")
    func members() throws {
        let object = try root(#"{"a":1,"b":{"c":"x","a":9},"\u0061":"y","d":null}"#)
        #expect(object["a"]?.text == "y")
        #expect(object["b"]?["c"]?.text == "x")
        #expect(object["b"]?["a"]?.text == "9")
        #expect(object["d"]?.text == "" && object["e"] == nil)
        #expect(object["a"]?["c"] == nil)
    }

    @Test("Escapes are decoded, and half a surrogate pair is one replacement character")
    func escapes() throws {
        let cases = [
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e9\u4E2d""#, "é中"), (#""\ud83d\ude00""#, "😀"),
            (#""\ud800""#, "\u{FFFD}"), (#""\ud800\u0041""#, "\u{FFFD}A"), (#""\udc00""#, "\u{FFFD}"),
            (#""\u12""#, "\u{FFFD}12"),
        ]
        for (text, decoded) in cases { #expect(try root(text).text == decoded, "\(text)") }
    }

    @Test("A path leads to a value")
    func paths() throws {
        let value = try root(#"{"a":[{"b":1},{"c":[true,{"key":"x"}]}],"z":0}"#)
        var found: JSONValue?
        value["a"]?.forEachElement { $0["c"]?.forEachElement { found = $0["key"] ?? found } }
        #expect(found?.path == "a[1].c[1].key")
        #expect(value.path == "")
    }
}
