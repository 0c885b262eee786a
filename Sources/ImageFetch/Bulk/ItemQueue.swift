import LarkAPI
import SystemPackage

/// The downloads that wait in one tenant's queue, in order: a few in memory, the others on disk.
struct ItemQueue {
    /// Where a part of the queue lies in the spool file.
    private struct Extent {
        let offset: Int64
        let bytes: Int
        let count: Int
    }

    private var front: [FetchItem] = []
    private var spooled: [Extent] = []
    private var back: [FetchItem] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    /// Puts an item at the end.
    ///
    /// - Parameters:
    ///   - item: the item.
    ///   - limit: how many may be in memory at the end; more go to the spool.
    ///   - spool: the file of all queues.
    /// - Throws: `Errno`.
    mutating func append(_ item: FetchItem, memory limit: Int, spool: inout Spool) throws {
        back.append(item)
        count += 1
        guard back.count >= max(limit, 1) else { return }
        let text = back.map(Self.line).joined()
        spooled.append(Extent(offset: try spool.append(text), bytes: text.utf8.count, count: back.count))
        back = []
    }

    /// Takes the first item.
    ///
    /// - Throws: `Errno`.
    mutating func popFirst(from spool: Spool) throws -> FetchItem? {
        if front.isEmpty {
            if spooled.isEmpty {
                (front, back) = (back.reversed(), [])
            } else {
                let extent = spooled.removeFirst()
                let lines = try spool.read(at: extent.offset, bytes: extent.bytes).split(separator: "\n")
                front = lines.compactMap(Self.item).reversed()
                // A disk that does not give back what it took.
                guard front.count == extent.count else { throw Errno.ioError }
            }
        }
        guard let item = front.popLast() else { return nil }
        count -= 1
        return item
    }

    private static func line(_ item: FetchItem) -> String {
        let name = item.output.map { ($0.directories + [$0.fileName(withExtension: "")]).joined(separator: "/") }
        return "\(item.tenant)\t\(item.reference)\t\(item.reference.type.rawValue)\t\(name ?? "")\n"
    }

    private static func item(_ line: Substring) -> FetchItem? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        guard fields.count == 4, let tenant = try? TenantName(fields[0]),
            let reference = try? ImageReference(fields[1], type: ImageReference.ResourceType(rawValue: fields[2]))
        else { return nil }
        return FetchItem(
            tenant: tenant, reference: reference, output: fields[3].isEmpty ? nil : try? OutputName(fields[3]))
    }
}
