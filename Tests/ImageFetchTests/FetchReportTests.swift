import FoundationEssentials
import LarkAPI
import TestSupport
import Testing

@testable import ImageFetch

@Suite("The JSON line of a download")
struct FetchReportTests {
    private func line(_ report: FetchReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    @Test("A download has all members that apply, and no others")
    func downloaded() throws {
        let outcome = DownloadOutcome(
            reference: try ImageReference("om_1/img_x"), status: .downloaded, path: "a/img_x.png", bytes: 3,
            contentType: "image/png", sha256: "ff", attempts: 2)
        #expect(
            try line(FetchReport(FetchItem(tenant: TenantName("acme"), reference: outcome.reference), outcome))
                == #"{"attempts":2,"bytes":3,"content_type":"image/png","image_key":"img_x","message_id":"om_1","path":"a/img_x.png","sha256":"ff","status":"ok","tenant":"acme","type":"image"}"#
        )
    }

    @Test("An existing file has what is known without a request")
    func exists() throws {
        let outcome = DownloadOutcome(
            reference: try ImageReference("img_x"), status: .exists, path: "img_x.png", bytes: 3, contentType: nil,
            sha256: nil, attempts: 0)
        #expect(
            try line(FetchReport(FetchItem(tenant: TenantName("acme"), reference: outcome.reference), outcome))
                == #"{"attempts":0,"bytes":3,"image_key":"img_x","path":"img_x.png","status":"exists","tenant":"acme"}"#
        )
    }

    @Test("A failed message resource names its message; a local error has neither code nor log id")
    func failedResource() throws {
        let report = FetchReport(
            failed: FetchItem(tenant: try TenantName("acme"), reference: try ImageReference("om_1/file_x")),
            attempts: 0,
            error: ErrorReport(type: "cannot_create", message: "no folder", remedy: "make it", retryable: false))
        #expect(
            try line(report)
                == #"{"attempts":0,"error":{"message":"no folder","remedy":"make it","retryable":false,"type":"cannot_create"},"image_key":"file_x","message_id":"om_1","status":"failed","tenant":"acme","type":"file"}"#
        )
    }

    @Test("A failure has the error as every command reports it")
    func failed() throws {
        let error = LarkError(
            .tryLater, "too many", remedy: "wait", httpStatus: 429, platformCode: 99_991_400, platformMessage: "slow",
            logID: "L", retryAfter: .seconds(7), isRetryable: true)
        let report = FetchReport(
            failed: FetchItem(tenant: try TenantName("acme"), reference: try ImageReference("img_x")), attempts: 5,
            error: ErrorReport(error, remedy: "wait"))
        #expect(
            try line(report)
                == #"{"attempts":5,"error":{"code":99991400,"http_status":429,"log_id":"L","message":"slow","remedy":"wait","retry_after":7,"retryable":true,"type":"try_later"},"image_key":"img_x","status":"failed","tenant":"acme"}"#
        )
    }
}
