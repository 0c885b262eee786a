import LarkAPI

/// A table of tenants: CSV as RFC 4180 has it, also with semicolons or tabs, whose first row has the names of the columns.
enum TenantTable {
    private static let columns = ["name", "app_id", "app_secret", "app_secret_from", "host", "tenant_key", "app"]
    private static let separators: [Character] = [",", ";", "\t"]

    /// Whether the first line has the names of the columns that every table needs.
    static func isHeader(of text: String) -> Bool {
        guard let line = text.split(whereSeparator: \.isNewline).first else { return false }
        return separators.contains { separator in
            let names = line.split(separator: separator).map { columnName(String($0)) }
            return names.contains("name") && (names.contains("app_id") || names.contains("tenant_key"))
        }
    }

    /// The rows of a table. Columns may be in any order; an empty cell is none.
    ///
    /// - Throws: ``CommandError`` for a table whose columns are not known.
    static func entries(in text: String) throws -> [ImportEntry] {
        let header = text.prefix { !$0.isNewline }
        let separator = separators.first { header.contains($0) } ?? ","
        var rows = CSVRows.rows(of: text, separator: separator)[...]
        let names = rows.popFirst()?.cells.map(columnName) ?? []
        // A row that names no column at all is data, and a cell of it may be a secret.
        guard names.contains(where: columns.contains) else {
            throw CommandError(
                description: "the first row does not name the columns",
                remedy: "The first row names the columns: \(columns.joined(separator: ", "))")
        }
        if let unknown = names.first(where: { !columns.contains($0) }) {
            let nearest = NearestName.of(unknown, in: columns).map { ". The nearest one is \($0)" } ?? ""
            throw CommandError(
                description: "there is no column \(TerminalText.visible(unknown, limit: 40))",
                remedy: "The first row names the columns: \(columns.joined(separator: ", "))\(nearest)")
        }
        return rows.filter { $0.cells != [""] }.map { entry($0, names: names) }
    }

    private static func entry(_ row: CSVRows.Row, names: [String]) -> ImportEntry {
        var entry = ImportEntry(place: "line \(row.line)")
        guard row.isComplete else {
            entry.problem = ("a quote is not closed", "Close it, or double a quote inside of a cell")
            return entry
        }
        guard row.cells.count == names.count else {
            entry.problem = (
                "it has \(row.cells.count.of("cell")), and the header \(names.count)",
                "Put quotes around cells that contain a separator"
            )
            return entry
        }
        let cells = Dictionary(zip(names, row.cells)) { first, _ in first }.filter { !$0.value.isEmpty }
        entry.name = cells["name"]
        entry.appID = cells["app_id"]
        entry.appSecret = cells["app_secret"]
        entry.appSecretFrom = cells["app_secret_from"]
        entry.host = cells["host"]
        entry.tenantKey = cells["tenant_key"]
        entry.app = cells["app"]
        return entry
    }

    /// The name of a column, without quotes and spaces around it.
    private static func columnName(_ text: String) -> String {
        String(text.filter { !$0.isWhitespace && $0 != "\"" }).lowercased()
    }
}

/// The rows of a text with separated values.
enum CSVRows {
    struct Row {
        /// The number of its first line.
        let line: Int
        var cells: [String] = []
        /// Whether all quotes are closed.
        var isComplete = true
    }

    /// Splits a text. Spaces around a cell without quotes do not count.
    static func rows(of text: String, separator: Character) -> [Row] {
        var rows: [Row] = []
        var row = Row(line: 1)
        var line = 1
        var cell = ""
        var isQuoted = false
        var wasQuoted = false
        func trimmed(_ text: String) -> String {
            String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        func endCell() {
            row.cells.append(wasQuoted ? cell : trimmed(cell))
            cell = ""
            wasQuoted = false
        }
        var rest = text[...]
        while let character = rest.popFirst() {
            if character.isNewline { line += 1 }
            switch character {
            case "\"" where isQuoted && rest.first == "\"":
                rest.removeFirst()
                cell.append(character)
            case "\"" where isQuoted:
                isQuoted = false
            case "\"" where !wasQuoted && trimmed(cell).isEmpty:
                isQuoted = true
                wasQuoted = true
                cell = ""
            case separator where !isQuoted:
                endCell()
            case _ where character.isNewline && !isQuoted:
                endCell()
                rows.append(row)
                row = Row(line: line)
            case " " where wasQuoted && !isQuoted:
                break
            default:
                cell.append(character)
            }
        }
        guard !cell.isEmpty || !row.cells.isEmpty || wasQuoted else { return rows }
        endCell()
        row.isComplete = !isQuoted
        return rows + [row]
    }
}
