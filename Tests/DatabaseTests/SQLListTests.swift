import Database
import Testing

@Suite("Lists of values")
struct SQLListTests {
    @Test("A list without values is none; others are filled up to a power of two")
    func sizes() {
        #expect(SQLList([]) == nil)
        for (count, size) in [(1, 1), (2, 2), (3, 4), (5, 8), (1000, 1024)] {
            let list = SQLList((1...count).map { "\($0)" })
            #expect(list?.arguments.count == size)
            #expect(list?.placeholders.split(separator: ",").count == size)
            #expect(list?.arguments.last as? String == "\(count)")
        }
    }
}
