/// A table with columns two spaces apart.
enum Table {
    /// The rows, each with a newline; all columns but the last are as wide as their widest cell.
    static func text(_ rows: [[String]]) -> String {
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count)
            .map { column in
                rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
            }
        return
            rows.map { row in
                let cells = row.enumerated()
                    .map { column, cell in
                        column == row.count - 1
                            ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
                    }
                return cells.joined(separator: "  ") + "\n"
            }
            .joined()
    }
}
