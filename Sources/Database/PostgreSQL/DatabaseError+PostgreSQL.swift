extension DatabaseError {
    /// Creates an error from a SQLSTATE and the primary message, which unlike the detail names no stored value.
    init(sqlState: String, message: String, sql: String? = nil) {
        // Data exceptions are the exception: they quote the value.
        let message = sqlState.hasPrefix("22") ? "a value does not fit its type" : message
        self.init(Code(sqlState: sqlState), "\(message) (SQLSTATE \(sqlState))", sql: sql)
    }

    /// The connection ended, so that what ran on it did not, or not to its end.
    static func connectionLost(sql: String? = nil) -> DatabaseError {
        DatabaseError(.cannotOpen, "the connection to the database server was lost", sql: sql)
    }
}

extension DatabaseError.Code {
    /// postgresql.org, "PostgreSQL Error Codes": the first two characters are the class.
    init(sqlState: String) {
        self =
            switch sqlState {
            case "25006": .readOnly
            case "40001", "40P01", "55P03": .busy
            case "42501": .cannotOpen
            case "53100": .full
            case "53200": .outOfMemory
            case "53300", "57P01", "57P02", "57P03", "57P04", "57P05", "25P03": .cannotOpen
            case "57014": .interrupted
            case "XX001", "XX002": .corrupt
            default:
                switch sqlState.prefix(2) {
                case "08", "28", "3D": .cannotOpen
                case "22", "23": .constraint
                case "0A", "25", "26", "3F", "42", "54": .invalidStatement
                case "58": .ioError
                default: .other
                }
            }
    }
}
