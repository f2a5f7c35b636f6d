import ArgumentParser
import LinuxCalls
import OmphalosValues
import PluginHost

/// `omphalos doctor`
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check whether this system can run pipelines, and say what to do where it cannot.")

  @OptionGroup var plugins: PluginDirectoryOptions

  @Option(help: ArgumentHelp("A directory in which runs would be made.", valueName: "directory"))
  var outputRoot = "."

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let checks = SystemChecks(directories: plugins.searchPath, outputRoot: outputRoot).all()
      switch format {
      case .text: try Terminal.result(checks.map(\.text).joined(separator: "\n"))
      case .json: try Terminal.result(["checks": .array(checks.map(\.json))])
      }
      if checks.contains(where: { $0.remedy != nil }) {
        throw ArgumentParser.ExitCode(OmphalosValues.ExitCode.checkFailed.rawValue)
      }
    }
  }
}

/// One thing that was looked at.
struct SystemCheck {
  let name: String
  let found: String
  /// What to do; nil where nothing is wrong.
  let remedy: String?

  var text: String {
    let head = "\(remedy == nil ? "ok     " : "problem")  \(name): \(printable(found))"
    return remedy.map { "\(head)\n         \(printable($0))" } ?? head
  }

  var json: JSONValue {
    [
      "name": .string(name), "found": .string(found), "ok": .bool(remedy == nil),
      "remedy": remedy.map { .string($0) } ?? .null,
    ]
  }
}

/// Looks at what runs depend on.
struct SystemChecks {
  let directories: [PluginDirectory]
  let outputRoot: String

  func all() -> [SystemCheck] {
    [kernel, loading, descriptors, output] + policies + pluginDirectories
  }

  private var kernel: SystemCheck {
    let release = SystemFacts.kernelRelease
    let parts = release.split(whereSeparator: { !$0.isNumber }).compactMap { Int($0) }
    let isOld = parts.count >= 2 && (parts[0], parts[1]) < (5, 10)
    return SystemCheck(
      name: "system", found: "Linux \(release), glibc \(SystemFacts.glibcVersion)",
      remedy: isOld ? "Linux 5.10 or newer is needed." : nil)
  }

  private var loading: SystemCheck {
    let problem = LoadingProbe.problem()
    return SystemCheck(
      name: "loading", found: problem ?? "sealed memory files and /proc are there",
      remedy: problem.map { _ in
        "Mount /proc, and allow memfd_create(2) and process_vm_readv(2) in the seccomp profile of the container. Where "
          + "memory files cannot be had, `omphalos run --load-mode path` loads from private copies, and the record says so."
      })
  }

  private var descriptors: SystemCheck {
    let limit = Processes.raiseDescriptorLimit(to: 65_536)
    return SystemCheck(
      name: "open files", found: "at most \(limit)",
      remedy: limit < 1024 ? "Raise the hard limit (ulimit -Hn): plugins are held by descriptors from 512 on." : nil)
  }

  /// An unnamed file is what every artifact begins as.
  private var output: SystemCheck {
    do throws(SystemCallError) {
      let directory = try File.open(outputRoot, .directory)
      _ = try directory.openUnnamed()
      return SystemCheck(name: "output root", found: "\(outputRoot) takes unnamed files", remedy: nil)
    } catch where error.meansNoUnnamedFiles {
      return SystemCheck(
        name: "output root", found: "\(outputRoot) takes no unnamed files: artifacts get a passing name first", remedy: nil)
    } catch {
      return SystemCheck(name: "output root", found: "\(error)", remedy: "Name a directory that you may write.")
    }
  }

  /// The policies that hold for every run, whether they are there, and whether they can be read.
  private var policies: [SystemCheck] {
    let sources = PolicySources(environment: CallerEnvironment.variables)
    let places = sources.standingFiles.map { layer, path in
      SystemCheck(
        name: "policy", found: "\(path) (\(layer.rawValue)) \((try? File.open(path)) == nil ? "is not there" : "holds for every run")",
        remedy: nil)
    }
    do {
      _ = try sources.stack(pipelineFolder: nil)
      return places
    } catch {
      return places + [SystemCheck(name: "policy", found: "\(error)", remedy: "Mend the file: no pipeline runs until then.")]
    }
  }

  private var pluginDirectories: [SystemCheck] {
    let discovery = Discovery(directories)
    let problems = discovery.problems.map {
      SystemCheck(name: "plugins", found: $0.message, remedy: "See the sentence above; runs do not use this directory.")
    }
    let admissible = discovery.candidates.filter(\.isAdmissible).count
    let refused = discovery.candidates.filter { !$0.isAdmissible }.map(\.name)
    let found = SystemCheck(
      name: "plugins", found: "\(admissible) admissible, \(refused.count) refused",
      remedy: refused.isEmpty ? nil : "See `omphalos plugins list` for why: \(refused.joined(separator: ", ")).")
    return directories.map(place) + problems + [found]
  }

  /// Where plugins are looked for, in that order.
  private func place(_ directory: PluginDirectory) -> SystemCheck {
    let isThere = (try? File.open(directory.path, .directory)) != nil
    return SystemCheck(
      name: "plugins", found: "\(directory.path) \(isThere ? "is searched" : "is not there, and passed over")", remedy: nil)
  }
}
