import ArgumentParser
import LinuxCalls
import Pipeline
import PluginABI

/// The program: one executable that is the command line, the supervisor and, started by itself, the worker.
public enum OmphalosProgram {
  public static func main() {
    Processes.occupyStandardDescriptors()
    let arguments = CommandLine.arguments
    // The worker is not a command: it is started with descriptors that only a supervisor can give it.
    if arguments.count == 3, arguments[1] == "worker", let descriptor = Int32(arguments[2]) {
      Worker.main(orderDescriptor: descriptor)
    }
    // Whoever reads our messages may go away; the run goes on.
    Processes.ignoreBrokenPipes()
    OmphalosCommand.main()
  }
}

struct OmphalosCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "omphalos",
    abstract: "Run pipelines through binary plugins and leave a record that anyone can check.",
    discussion: """
      Plugins are shared objects. Each one is admitted or refused for stated reasons before any of its code runs, \
      writes through the artifact store, and stands in the record of the run with the digest of its bytes.

      Exit codes: \(ExitCodes.text)
      """,
    version: "omphalos \(HostInterface.version)",
    subcommands: [
      RunCommand.self, PlanCommand.self, VerifyCommand.self, RunsCommand.self, DoctorCommand.self, PluginsCommand.self,
      PluginCommand.self, PolicyCommand.self, SchemaCommand.self,
    ])
}
