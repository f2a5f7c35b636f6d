import OmphalosValues

/// The reviewed table of what counts as a finding: names of functions and variables, each in one category.
///
/// A name is in it because calling it reaches outside the plugin's data, or because it gives a value that differs from
/// run to run or from machine to machine. Versions do not matter: `connect@GLIBC_2.2.5` is `connect`. Not in it, on
/// purpose: files (every library opens some; the store and the run directory are checked by other means), waiting and
/// timers (they give no value), the plugin's own threads and signals to them, locales and time zones (the worker's are
/// fixed), sizes of the machine, and random sequences of a state that the caller holds (`rand_r`, `random_r`).
public enum FindingTable {
  /// Names of one category that belong together, and why they are there.
  public struct Group: Sendable {
    public let category: FindingCategory
    public let why: String
    public let symbols: [String]
    public let origin: Origin

    init(_ category: FindingCategory, _ why: String, from origin: Origin = .libc, _ symbols: String) {
      self.category = category
      self.why = why
      self.origin = origin
      self.symbols = symbols.split { $0 == " " || $0 == "\n" }.map(String.init)
    }
  }

  /// The library that defines the names; tests look there.
  public enum Origin: String, Sendable {
    /// glibc's libc.so.6.
    case libc
    /// Where another version of glibc, another machine or another C library has it.
    case otherLibc
    /// glibc's libresolv.so.2.
    case resolver
    /// liburing
    case ioUring
    /// libstdc++.so.6
    case libstdcxx
    /// libc++.so.1
    case libcxx
    /// The libraries of Swift, where they are not linked in.
    case swift
  }

  public static let groups: [Group] = network + process + clock + environment + randomness + loading + systemCalls

  public static func symbols(of category: FindingCategory) -> [String] {
    groups.filter { $0.category == category }.flatMap(\.symbols)
  }

  static let categories: [UTF8String: FindingCategory] = Dictionary(
    groups.flatMap { group in group.symbols.map { (UTF8String($0), group.category) } }
  ) { first, _ in first }

  private static let network = [
    Group(
      .network, "sockets; a pair of them too, because it reaches another process",
      """
      socket socketpair bind connect listen accept accept4 shutdown
      send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg
      getsockopt setsockopt getsockname getpeername sockatmark
      getsourcefilter setsourcefilter getipv4sourcefilter setipv4sourcefilter
      __socket __connect __send __sendmmsg __recv __recv_chk __recvfrom_chk
      """),
    Group(
      .network, "names and addresses of hosts, which ask name servers",
      """
      getaddrinfo getaddrinfo_a getnameinfo gethostbyname gethostbyname_r gethostbyname2 gethostbyname2_r
      gethostbyaddr gethostbyaddr_r gethostent gethostent_r sethostent getnetbyname getnetbyname_r getnetbyaddr
      getnetbyaddr_r
      _nss_dns_getcanonname_r _nss_dns_gethostbyaddr2_r _nss_dns_gethostbyaddr_r _nss_dns_gethostbyname2_r
      _nss_dns_gethostbyname3_r _nss_dns_gethostbyname4_r _nss_dns_gethostbyname_r _nss_dns_getnetbyaddr_r
      _nss_dns_getnetbyname_r
      """),
    Group(
      .network, "the resolver itself",
      """
      res_query res_search res_querydomain res_send res_nquery res_nsearch res_nquerydomain res_nsend
      __res_init __res_ninit __res_query __res_search __res_querydomain __res_send
      __res_nquery __res_nsearch __res_nquerydomain __res_nsend
      __res_context_query __res_context_search __res_context_send
      """),
    Group(
      .network, "the same in libresolv", from: .resolver,
      "res_gethostbyname res_gethostbyname2 res_gethostbyaddr"),
    Group(
      .network, "the resolver under the names of other versions", from: .otherLibc,
      "res_init res_ninit __res_nsendto __getaddrinfo __gethostbyname __accept __bind __listen __sendto __recvfrom"),
    Group(
      .network, "the machine's network interfaces",
      "getifaddrs if_nameindex if_nametoindex if_indextoname"),
    Group(
      .network, "remote shells, and the reserved ports for them",
      "rcmd rcmd_af rexec rexec_af rresvport rresvport_af bindresvport ruserok ruserok_af iruserok iruserok_af"),
    Group(
      .network, "remote procedure calls (kept by glibc for old programs, but linked by whoever asks for the version)",
      """
      callrpc clnt_create clnt_broadcast clnttcp_create clntudp_create clntudp_bufcreate clntunix_create
      __libc_clntudp_bufcreate __libc_rpc_getport pmap_getmaps pmap_getport pmap_rmtcall pmap_set pmap_unset
      getrpcport rtime get_myaddress registerrpc svc_run svctcp_create svcudp_create svcudp_bufcreate svcunix_create
      svcfd_create svcunixfd_create
      """),
    Group(
      .network, "the system's log, which is a socket: what is sent there leaves the run",
      "syslog vsyslog openlog __syslog_chk __vsyslog_chk"),
  ]

  private static let process = [
    Group(
      .process, "new processes and new programs in this one",
      """
      fork vfork _Fork __fork __vfork __libc_fork forkpty clone __clone daemon
      execl execle execlp execv execve execveat execvp execvpe fexecve posix_spawn posix_spawnp
      """),
    Group(
      .process, "commands for a shell; wordexp runs those in $(…)",
      "system __libc_system popen _IO_popen _IO_proc_open wordexp"),
    Group(
      .process, "processes under names that only other versions have", from: .otherLibc,
      "clone3 __clone2 pidfd_spawn pidfd_spawnp __posix_spawn __execve rfork"),
    Group(
      .process, "other processes: their memory, their descriptors, their end",
      """
      ptrace process_vm_readv process_vm_writev process_madvise process_mrelease
      pidfd_open pidfd_getfd pidfd_send_signal kill killpg sigqueue tgkill
      """),
    Group(.process, "other namespaces", "setns unshare"),
  ]

  private static let clock = [
    Group(
      .clock, "the time of day, and the time since some event",
      """
      time gettimeofday __gettimeofday clock_gettime __clock_gettime ftime timespec_get
      ntp_gettime ntp_gettimex getdate getdate_r
      """),
    Group(.clock, "time spent, which is different each time", "clock times getrusage"),
    Group(
      .clock, "clocks that are set, for everyone",
      "settimeofday clock_settime stime adjtime adjtimex __adjtimex ntp_adjtime clock_adjtime"),
    Group(
      .clock, "64-bit times of 32-bit machines, and time under other names", from: .otherLibc,
      "time64 __time64 __clock_gettime64 __gettimeofday64 __time clock_gettime64 __timespec_get64"),
    Group(
      .clock, "the clocks of C++", from: .libstdcxx,
      """
      _ZNSt6chrono3_V212system_clock3nowEv _ZNSt6chrono3_V212steady_clock3nowEv _ZNSt6chrono12system_clock3nowEv
      """),
    Group(
      .clock, "the clocks of C++", from: .libcxx,
      "_ZNSt3__16chrono12system_clock3nowEv _ZNSt3__16chrono12steady_clock3nowEv"),
    Group(
      .clock, "the clocks of Swift", from: .swift,
      """
      swift_get_time $ss15ContinuousClockV3nowAB7InstantVvgZ $ss15SuspendingClockV3nowAB7InstantVvgZ
      $s20FoundationEssentials4DateVACycfC dispatch_time dispatch_walltime
      """),
  ]

  private static let environment = [
    Group(
      .environment, "variables",
      """
      getenv secure_getenv __secure_getenv __libc_secure_getenv environ __environ _environ
      setenv putenv unsetenv clearenv
      """),
    Group(
      .environment, "the machine: its name, its kernel, its load",
      """
      gethostname __gethostname_chk getdomainname __getdomainname_chk gethostid uname sysinfo getloadavg
      sethostname setdomainname sethostid
      """),
    Group(
      .environment, "the users of the machine, their names and home folders",
      """
      getlogin getlogin_r __getlogin_r_chk cuserid getpw getpwnam getpwnam_r getpwuid getpwuid_r getpwent getpwent_r
      getgrnam getgrnam_r getgrgid getgrgid_r getgrent getgrent_r getspnam getspnam_r getspent getspent_r
      """),
  ]

  private static let randomness = [
    Group(
      .randomness, "the system's random source",
      "getrandom getentropy arc4random arc4random_buf arc4random_uniform strfry __res_randomid"),
    Group(
      .randomness, "sequences of a state that all plugins of the process share",
      """
      rand srand random srandom initstate setstate
      drand48 erand48 lrand48 nrand48 mrand48 jrand48 srand48 seed48 lcong48
      """),
    Group(
      .randomness, "the random source of C++", from: .libstdcxx,
      """
      _ZNSt13random_device9_M_getvalEv _ZNSt13random_device16_M_getval_pretr1Ev
      _ZNSt13random_device7_M_initERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEE
      _ZNSt13random_device7_M_initERKSs
      """),
    Group(.randomness, "the random source of C++", from: .libcxx, "_ZNSt3__113random_deviceclEv"),
    Group(
      .randomness, "the random source of Swift", from: .swift,
      """
      swift_stdlib_random $ss27SystemRandomNumberGeneratorV4nexts6UInt64VyF
      $s20FoundationEssentials4UUIDVACycfC
      """),
  ]

  private static let loading = [
    Group(
      .dynamicLoading, "libraries and functions chosen while the plugin runs: inspection cannot see which",
      "dlopen dlmopen dlsym dlvsym"),
    Group(
      .dynamicLoading, "the same in older versions", from: .otherLibc,
      "__libc_dlopen_mode __libc_dlsym __libc_dlvsym"),
  ]

  private static let systemCalls = [
    Group(.rawSystemCalls, "any system call, by its number", "syscall"),
    Group(
      .rawSystemCalls, "a ring that takes requests of any kind, connections among them", from: .ioUring,
      """
      io_uring_setup io_uring_enter io_uring_register io_uring_queue_init io_uring_queue_init_params
      io_uring_queue_init_mem io_uring_queue_mmap
      """),
  ]
}
