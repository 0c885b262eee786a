/// An error that may pass without anybody doing anything, such as a store that is busy. Errors of the platform say so
/// by themselves.
package protocol TransientError: Error {
    var isTransient: Bool { get }
}
