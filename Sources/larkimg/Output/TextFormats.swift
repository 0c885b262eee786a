import AuthServiceClient
import LarkAPI

/// One JSON object per line, for scripts.
enum JSONLine {
    /// The line, newline included. Keys are in snake case and sorted, so that the same result is the same line.
    ///
    /// - Throws: what encoding throws.
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try ServiceJSON.encode(value), as: UTF8.self) + "\n"
    }
}

extension Int {
    /// The number with a noun: `1 tenant`, `2 tenants`.
    func of(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

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

    /// Rows of names and values, without those that have no value.
    static func text(_ rows: [(name: String, value: String?)]) -> String {
        text(rows.compactMap { row in row.value.map { [row.name, $0] } })
    }
}

/// Durations for people.
enum TimeSpan {
    /// `4.2 s`, `3m12s`, `2h05m`.
    static func text(seconds: Double) -> String {
        guard seconds < 1e9 else { return "years" }
        let whole = Int(seconds.rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch whole {
        case ..<10:
            let tenths = Int((seconds * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) s"
        case ..<60: return "\(whole) s"
        case ..<3600: return "\(whole / 60)m\(two(whole % 60))s"
        default: return "\(whole / 3600)h\(two(whole / 60 % 60))m"
        }
    }
}
