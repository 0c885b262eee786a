import LarkAPI
import Testing

@Suite("The nearest name")
struct NearestNameTests {
    private static let names = ["acme", "acme-test", "globex", "initech", "腾飞"]

    @Test(
        "A name with a typing error is found: a character too many, missing, wrong, swapped, or in the other case",
        arguments: [
            ("acm", "acme"), ("acmee", "acme"), ("akme", "acme"), ("amce", "acme"), ("ACME", "acme"),
            ("glboex", "globex"), ("acme_test", "acme-test"), ("initehc", "initech"), ("腾非", "腾飞"),
        ])
    func similar(_ word: String, _ name: String) {
        #expect(NearestName.of(word, in: Self.names) == name)
    }

    @Test(
        "Nothing is suggested for a name that is not similar to any",
        arguments: ["", "x", "acxx", "umbrella", "gl", "飞腾飞腾", String(repeating: "a", count: 100_000)])
    func different(_ word: String) {
        #expect(NearestName.of(word, in: Self.names) == nil)
    }

    @Test("A name of one character is not suggested for another one")
    func single() {
        #expect(NearestName.of("b", in: ["a"]) == nil)
        #expect(NearestName.of("A", in: ["a"]) == "a")
    }

    @Test("Of several similar names the nearest one is suggested")
    func several() {
        #expect(NearestName.of("prod-eu2", in: ["prod-eu", "prod-eu1", "prod-us2"]) == "prod-eu")
        #expect(NearestName.of("prod-su2", in: ["prod-eu1", "prod-us2"]) == "prod-us2")
    }
}
