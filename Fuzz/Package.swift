// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that the main one knows nothing of sanitizers. `make fuzz` builds it; by hand it needs
// OMPHALOS_FUZZ=1, which lets the main package offer its parsers as a product.
let package = Package(
  name: "omphalos-fuzz",
  dependencies: [.package(name: "omphalos", path: "..")],
  targets: [
    .target(name: "CFuzzer"),
    .executableTarget(
      name: "fuzz", dependencies: ["CFuzzer", .product(name: "OmphalosParsers", package: "omphalos")],
      swiftSettings: [.swiftLanguageMode(.v6)],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]),
  ])
