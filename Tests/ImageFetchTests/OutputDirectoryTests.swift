import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

@testable import ImageFetch

@Suite("The directories of a run")
struct OutputDirectoryTests {
    private func write(_ name: String, in folders: [String], of tree: OutputDirectory) async throws {
        try await tree.withDirectory(folders) { folder in
            try await PendingFile.with(in: folder, permissions: .ownerReadWrite) { file in
                try await file.append([1])
                _ = try await file.publish(as: name, overwrite: false)
            }
        }
    }

    @Test("A link on the way to a name is not followed", arguments: [["link"], ["a", "link"]])
    func links(_ folders: [String]) async throws {
        try await withTemporaryFolder { folder in
            try FileManager.default.createDirectory(
                atPath: folder.appending("outside").string, withIntermediateDirectories: false)
            try FileManager.default.createDirectory(
                atPath: folder.appending("in/a").string, withIntermediateDirectories: true)
            let link = folder.appending("in").appending(folders.joined(separator: "/"))
            #expect(symlink(folder.appending("outside").string, link.string) == 0)
            let error = await #expect(throws: ImageFetchError.self) {
                try await OutputDirectory.with(root: folder.appending("in")) { tree in
                    try await self.write("x", in: folders, of: tree)
                }
            }
            #expect(error?.kind == .cannotCreate)
            #expect(try folder.names(in: "outside") == [])
        }
    }

    @Test("Names that differ only in Unicode normal form are two directories and two files")
    func normalForms() async throws {
        try await withTemporaryFolder { folder in
            let names = ["\u{E9}", "e\u{301}"]
            try await OutputDirectory.with(root: folder.path) { output in
                for (number, name) in names.enumerated() {
                    try await self.write("x", in: [name], of: output, number)
                    try await self.write(name, in: ["both"], of: output)
                }
            }
            #expect(
                try folder.names().map { Array($0.utf8) }.sorted { $0.count < $1.count } == [
                    [0xC3, 0xA9], [0x65, 0xCC, 0x81], Array("both".utf8),
                ])
            for (number, name) in names.enumerated() { #expect(try folder.names(in: name) == ["x\(number)"]) }
            #expect(try folder.names(in: "both").count == 2)
            #expect(try Set(names.map { try OutputName($0) }).count == 2)
        }
    }

    @Test("A file in the place of a directory is an error, and stays")
    func fileInTheWay() async throws {
        try await withTemporaryFolder { folder in
            try folder.write([7], to: "a")
            await #expect(throws: ImageFetchError.self) {
                try await OutputDirectory.with(root: folder.path) { tree in
                    try await self.write("x", in: ["a"], of: tree)
                }
            }
            #expect(try folder.read("a") == [7])
        }
    }

    @Test("More directories than are kept open can be used, one after the other and side by side")
    func manyFolders() async throws {
        try await withTemporaryFolder { folder in
            try await OutputDirectory.with(root: folder.path, threads: 4) { tree in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for number in 0..<300 {
                        group.addTask { try await self.write("x", in: ["d\(number % 150)", "e"], of: tree, number) }
                    }
                    try await group.waitForAll()
                }
                func first(_ names: [String], in directories: [String]) async throws -> String? {
                    let lookup = DownloadTarget.Lookup(directories: directories, fileNames: names)
                    let found = try await tree.firstExisting(lookup)?.path.lastComponent?.string
                    #expect(try await tree.firstExisting([lookup])[0].get()?.path.lastComponent?.string == found)
                    return found
                }
                #expect(try await first(["x0", "none"], in: ["d0", "e"]) == "x0")
                #expect(try await first(["none"], in: ["d0", "e"]) == nil)
                #expect(try await first(["x"], in: ["nowhere"]) == nil)
            }
            #expect(try folder.names().count == 150)
            #expect(try folder.names(in: "d149/e") == ["x149", "x299"])
        }
    }

    private func write(_ name: String, in folders: [String], of tree: OutputDirectory, _ number: Int) async throws {
        try await write("\(name)\(number)", in: folders, of: tree)
    }
}
