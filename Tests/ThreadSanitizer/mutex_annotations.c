/* Tells ThreadSanitizer of the slow way of Swift's Mutex.
 *
 * A Mutex that nobody waits for is locked and unlocked by atomic operations in our own, instrumented code. Where threads
 * meet, the kernel (FUTEX_LOCK_PI) hands it over from inside libswiftSynchronization, which is not instrumented: so every
 * correct use under contention is reported as a race. Preloaded, the functions below stand before the library's own, call
 * them, and say what they do: a lock sees all that happened before the unlock. Nothing else is silenced.
 *
 * The symbols are those of Swift 6.3, the compiler's names of
 *   Synchronization._MutexHandle._lockSlow(UInt32), ._unlockSlow(), ._tryLockSlow() -> Bool
 * With a library that has others these functions are never called, and the reports are back: run.sh notices.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

/* Of the sanitizer's runtime; not there in the programs without it that a test starts. */
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define TRY_LOCK "$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF"

typedef SWIFT void lock_function(uint32_t thread, SELF void *handle);
typedef SWIFT void unlock_function(SELF void *handle);
typedef SWIFT bool try_lock_function(SELF void *handle);

static lock_function *lock_next;
static unlock_function *unlock_next;
static try_lock_function *try_lock_next;

__attribute__((constructor)) static void find_next(void) {
  lock_next = (lock_function *)(uintptr_t)dlsym(RTLD_NEXT, LOCK);
  unlock_next = (unlock_function *)(uintptr_t)dlsym(RTLD_NEXT, UNLOCK);
  try_lock_next = (try_lock_function *)(uintptr_t)dlsym(RTLD_NEXT, TRY_LOCK);
}

SWIFT void lock_slow(uint32_t thread, SELF void *handle) __asm__(LOCK);
SWIFT void lock_slow(uint32_t thread, SELF void *handle) {
  lock_next(thread, handle);
  if (__tsan_acquire) __tsan_acquire(handle);
}

SWIFT void unlock_slow(SELF void *handle) __asm__(UNLOCK);
SWIFT void unlock_slow(SELF void *handle) {
  if (__tsan_release) __tsan_release(handle);
  unlock_next(handle);
}

SWIFT bool try_lock_slow(SELF void *handle) __asm__(TRY_LOCK);
SWIFT bool try_lock_slow(SELF void *handle) {
  bool locked = try_lock_next(handle);
  if (locked && __tsan_acquire) __tsan_acquire(handle);
  return locked;
}
