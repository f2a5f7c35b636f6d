import Foundation

/// Numbers of `omphalos/plugin.h`, so that a new draft is no edit of tests.
public enum PluginHeader {
  public static let draft: Int = {
    let text = (try? String(contentsOfFile: Compiler.include + "/omphalos/plugin.h", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("#define OMPHALOS_ABI_DRAFT ") }
    return line.flatMap { Int($0.split(separator: " ").last ?? "") } ?? -1
  }()
}
