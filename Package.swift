// swift-tools-version: 6.2
import PackageDescription

// CI sets OMPHALOS_WARNINGS=error; a vendor with a newer compiler is not stopped by a new warning.
let warningsAreErrors = Context.environment["OMPHALOS_WARNINGS"] == "error"

let swiftSettings: [SwiftSetting] =
  [.swiftLanguageMode(.v6), .strictMemorySafety()]
  + (warningsAreErrors ? [.treatAllWarnings(as: .error)] : [])

// Fuzz/, a package of its own, feeds the parsers one by one; nobody else needs them as a product.
let forFuzzing: [Product] =
  Context.environment["OMPHALOS_FUZZ"] == "1"
  ? [.library(name: "OmphalosParsers", targets: ["Pipeline", "ConfigurationSchema", "PluginABI", "Admission", "Signatures"])]
  : []

// Plugins must not find symbols in the host, nor the host theirs. A sanitizer's runtime lies in the executable (the tests'
// executable is linked like omphalos) and must be found by the libraries: it stands in for malloc and pthread_create there.
let hidingSymbols: [LinkerSetting] =
  Context.environment["OMPHALOS_SANITIZED"] == "1"
  ? []
  : [
    .unsafeFlags([
      "-Xlinker", "--no-export-dynamic",
      "-Xlinker", "--version-script=\(Context.packageDirectory)/Sources/omphalos/exports.map",
    ])
  ]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yaml: Target.Dependency = .product(name: "Yams", package: "Yams")

func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], swiftSettings: [.swiftLanguageMode(.v6)])
}

let package = Package(
  name: "omphalos",
  products: [
    .executable(name: "omphalos", targets: ["omphalos"]),
    .library(name: "OmphalosHost", targets: ["PluginHost"]),
  ] + forFuzzing,
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // Each target may depend on those above it only; Tests/HouseRulesTests checks it.
    .systemLibrary(name: "COmphalos", path: "include"),
    .target(name: "CLinux", cSettings: [.unsafeFlags(["-std=c99"])]),
    library("OmphalosValues", [crypto, yaml]),
    library("LinuxCalls", ["CLinux", "OmphalosValues", system]),
    library("ConfigurationSchema", ["OmphalosValues"]),
    library("Signatures", ["OmphalosValues", crypto, cryptoExtras]),
    library("ELFInspection", ["OmphalosValues", "LinuxCalls"]),
    library("PluginABI", ["COmphalos", "CLinux", "OmphalosValues", "LinuxCalls"]),
    library(
      "Admission", ["ConfigurationSchema", "ELFInspection", "Signatures", "OmphalosValues"],
      resources: [.embedInCode("Packs/baseline.yaml"), .embedInCode("Packs/strict.yaml")]),
    library("DeclarationSource", ["Admission", "ConfigurationSchema", "ELFInspection", "OmphalosValues"]),
    library("ArtifactStore", ["PluginABI", "OmphalosValues", "LinuxCalls"]),
    library("PluginHost", ["Admission", "ELFInspection", "PluginABI", "Signatures", "OmphalosValues", "LinuxCalls"]),
    library("RunRecord", ["OmphalosValues"]),
    library("RunDirectory", ["RunRecord", "OmphalosValues", "LinuxCalls"]),
    library(
      "Pipeline",
      [
        "PluginHost", "ArtifactStore", "Admission", "ELFInspection", "PluginABI", "ConfigurationSchema", "RunRecord",
        "OmphalosValues", "LinuxCalls",
      ]),
    library(
      "Supervisor",
      [
        "Pipeline", "RunDirectory", "PluginHost", "ArtifactStore", "Admission", "Signatures", "ELFInspection",
        "PluginABI", "RunRecord", "OmphalosValues", "LinuxCalls",
      ]),
    library(
      "OmphalosCLI",
      [
        "Supervisor", "DeclarationSource", "RunDirectory", "PluginHost", "Pipeline", "Admission", "ELFInspection",
        "PluginABI", "OmphalosValues", "LinuxCalls", arguments,
      ]),
    .executableTarget(
      name: "omphalos", dependencies: ["OmphalosCLI"], exclude: ["exports.map"], swiftSettings: swiftSettings,
      linkerSettings: hidingSymbols),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("HouseRulesTests", []),
    tests("OmphalosValuesTests", ["OmphalosValues"]),
    tests("ConfigurationSchemaTests", ["ConfigurationSchema", "OmphalosValues"]),
    .testTarget(
      name: "SignaturesTests", dependencies: ["Signatures", "OmphalosValues", "TestSupport", crypto, cryptoExtras],
      exclude: ["rsa_numbers.py"], swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("ELFInspectionTests", ["ELFInspection", "OmphalosValues", "LinuxCalls"]),
    tests("AdmissionTests", ["Admission", "Signatures", "ELFInspection", "OmphalosValues"]),
    .testTarget(
      name: "RunRecordTests", dependencies: ["RunRecord", "OmphalosValues", "TestSupport"], exclude: ["Golden"],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("RunDirectoryTests", ["RunDirectory", "RunRecord", "OmphalosValues", "LinuxCalls"]),
    tests("PluginABITests", ["PluginABI", "COmphalos", "LinuxCalls", "OmphalosValues"]),
    tests("ArtifactStoreTests", ["ArtifactStore", "PluginABI", "COmphalos", "LinuxCalls", "OmphalosValues"]),
    tests("LinuxCallsTests", ["LinuxCalls", "OmphalosValues"]),
    tests(
      "PluginHostTests",
      ["PluginHost", "PluginABI", "Admission", "ELFInspection", "Signatures", "LinuxCalls", "OmphalosValues"]),
    tests(
      "PipelineTests",
      ["Pipeline", "ArtifactStore", "PluginHost", "PluginABI", "ConfigurationSchema", "RunRecord", "LinuxCalls", "OmphalosValues"]),
    tests(
      "SupervisorTests",
      ["Supervisor", "Pipeline", "ArtifactStore", "PluginABI", "RunRecord", "LinuxCalls", "OmphalosValues"]),
    tests("DeclarationSourceTests", ["DeclarationSource", "Admission", "ELFInspection", "OmphalosValues"]),
    .testTarget(
      name: "IntegrationTests", dependencies: ["omphalos", "TestSupport"], exclude: ["Golden"],
      swiftSettings: [.swiftLanguageMode(.v6)]),
    tests("DocumentationTests", ["omphalos"]),
    tests("FaultTests", ["omphalos"]),
    tests("ExamplePluginTests", []),
  ]
)
