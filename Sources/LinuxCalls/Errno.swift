import Glibc
import SystemPackage

/// The calling thread's `errno`. In a file of its own because `Glibc` also has a type of that name.
func currentErrno() -> Errno { Errno(rawValue: errno) }
