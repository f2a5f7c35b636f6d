import OmphalosValues

extension Reports {
  /// `reports/attribution.json`: under which call each artifact was written. It says whose handle it was, not who in
  /// the process used it.
  var attribution: RecordFile {
    var report = heading(salt: "attribution")
    var digests: [PluginID: SHA256Digest] = [:]
    for plugin in facts.plugins { digests[plugin.id] = plugin.file.sha256 }
    // Many artifacts have one producer.
    var producers: [Producer: JSONValue] = [:]
    for producer in Set(facts.artifacts.map(\.producer)) {
      var members = producer.members
      members["plugin_sha256"] = digests[producer.plugin].map { .string($0.hex) } ?? .null
      producers[producer] = .object(members)
    }
    report["artifacts"] = .array(
      facts.artifacts.sorted { $0.record.path < $1.record.path }.map { artifact in
        [
          "path": .string(artifact.record.path.text), "sha256": .string(artifact.record.sha256.hex),
          "bytes": .integer(Int64(clamping: artifact.record.bytes)), "role": .string(artifact.role.rawValue),
          "media_type": .string(artifact.mediaType), "description": .string(artifact.description),
          "producer": producers[artifact.producer] ?? .null,
        ]
      })
    let byPlugins = Set(facts.artifacts.map(\.record.path))
    report["host_files"] = .array(
      payload.filter { !byPlugins.contains($0.path) }.map { .string($0.path.text) })
    report["metrics"] = .array(facts.metrics.map(\.json))
    return RecordFile(path: RunLayout.attribution, json: .object(report))
  }
}

extension MetricFacts {
  fileprivate var json: JSONValue {
    [
      "name": .string(name), "producer": .object(producer.members),
      // JSON has no words for infinite values and not-a-number.
      "value": FiniteDouble(value).map(JSONValue.number) ?? .string("\(value)"),
    ]
  }
}
