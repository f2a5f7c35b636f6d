import OmphalosValues

/// The names inside a run directory, each written once.
///
/// The layout is that of the published run directory, format 1.0, with our own control reports beside the four it asks
/// for.
public enum RunLayout {
  public static let formatVersion = "1.0"

  public static let manifest = fixed("run_manifest.json")
  public static let lineage = fixed("lineage/lineage.jsonl")
  /// Written by the host where no exporter made a warehouse file.
  public static let warehouseIndex = fixed("warehouse/index.jsonl")
  public static let qualityReport = fixed("reports/quality_report.json")
  public static let determinismReport = fixed("reports/determinism_report.json")
  public static let publishabilityReport = fixed("reports/publishability_report.json")
  public static let plugins = fixed("reports/plugins.json")
  public static let attribution = fixed("reports/attribution.json")
  public static let softwareBill = fixed("reports/sbom.cdx.json")
  public static let log = fixed("logs/run.jsonl")

  /// What the run produced: what a plugin may write, and the payload root covers.
  public static let payloadFolders = ["exports", "lineage", "warehouse"]
  /// Diagnostics and governance.
  public static let controlFolders = ["logs", "reports"]
  public static let folders = payloadFolders + controlFolders

  /// Names that the host keeps for itself inside the payload folders; the store refuses them to plugins.
  public static let reservedPayloadPaths = [lineage, warehouseIndex]

  public static func isPayload(_ path: ArtifactPath) -> Bool { payloadFolders.contains { path.isUnder($0) } }

  private static func fixed(_ text: StaticString) -> ArtifactPath {
    // The texts above are constants that keep the rules of a path, so a failure can only be a slip in this file.
    try! ArtifactPath("\(text)")
  }
}
