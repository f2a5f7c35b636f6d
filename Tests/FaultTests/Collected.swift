import Synchronization

/// Results of several threads, by the index of their work.
final class Collected<Result: Sendable>: Sendable {
  private let results = Mutex<[Int: Result]>([:])

  func add(_ result: Result, at index: Int) { results.withLock { $0[index] = result } }

  var inOrder: [Result] { results.withLock { $0.sorted { $0.key < $1.key }.map(\.value) } }
}
