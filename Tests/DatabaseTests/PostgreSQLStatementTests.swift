import Testing

@testable import Database

@Suite("Statements and errors of PostgreSQL")
struct PostgreSQLStatementTests {
    @Test(
        "A question mark is a placeholder, except in literals, quoted names and comments",
        arguments: [
            ("SELECT ?, ?", "SELECT $1, $2", 2),
            ("SELECT '?', ?", "SELECT '?', $1", 1),
            ("SELECT 'it''s ?', ?", "SELECT 'it''s ?', $1", 1),
            ("SELECT '\\', ?", "SELECT '\\', $1", 1),
            ("SELECT E'\\'?', ?", "SELECT E'\\'?', $1", 1),
            ("SELECT e'''\\'?', ?", "SELECT e'''\\'?', $1", 1),
            ("SELECT type'\\', ?", "SELECT type'\\', $1", 1),
            ("SELECT \"a?\"\"?\", ?", "SELECT \"a?\"\"?\", $1", 1),
            ("SELECT 1 -- ?\n, ?", "SELECT 1 -- ?\n, $1", 1),
            ("SELECT 1 /* ? /* ? */ ? */ + ?", "SELECT 1 /* ? /* ? */ ? */ + $1", 1),
            ("SELECT $$?$$, $a$ ? $$ ? $a$, ?", "SELECT $$?$$, $a$ ? $$ ? $a$, $1", 1),
            ("SELECT a$b$?, ?", "SELECT a$b$$1, $2", 2),
            ("SELECT 3 - ? / ? * 2", "SELECT 3 - $1 / $2 * 2", 2),
            ("SELECT '日本?', ?", "SELECT '日本?', $1", 1),
            ("SELECT '?", "SELECT '?", 0),
            ("SELECT /* ?", "SELECT /* ?", 0),
            ("SELECT $a$ ?", "SELECT $a$ ?", 0),
            ("SELECT \"?", "SELECT \"?", 0),
            ("SELECT E'?\\", "SELECT E'?\\", 0),
            ("$", "$", 0),
            ("", "", 0),
        ])
    func placeholders(_ statement: String, _ expected: String, _ count: Int) {
        let rewritten = PostgreSQLPlaceholders(statement)
        #expect(rewritten.sql == expected)
        #expect(rewritten.count == count)
    }

    @Test(
        "Each class of SQLSTATE has a code",
        arguments: [
            ("40001", DatabaseError.Code.busy), ("40P01", .busy), ("55P03", .busy), ("53100", .full),
            ("53200", .outOfMemory), ("53300", .cannotOpen), ("58030", .ioError), ("25006", .readOnly),
            ("23505", .constraint), ("22003", .constraint), ("42P01", .invalidStatement), ("42501", .cannotOpen),
            ("57014", .interrupted), ("57P01", .cannotOpen), ("08006", .cannotOpen), ("28P01", .cannotOpen),
            ("3D000", .cannotOpen), ("XX001", .corrupt), ("XX000", .other), ("P0001", .other), ("", .other),
        ])
    func codes(_ state: String, _ code: DatabaseError.Code) {
        #expect(DatabaseError(sqlState: state, message: "m").code == code)
    }

    @Test("The text of an error has the SQLSTATE, and no value that does not fit")
    func texts() {
        let constraint = DatabaseError(sqlState: "23505", message: "duplicate key")
        #expect(constraint.description == "duplicate key (SQLSTATE 23505)")
        let value = DatabaseError(sqlState: "22P02", message: "invalid input syntax for type bigint: \"secret\"")
        #expect(value.description == "a value does not fit its type (SQLSTATE 22P02)")
    }
}
