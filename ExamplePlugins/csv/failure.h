// How this plugin fails inside: by an exception, which `guarded` stops at the boundary of the ABI.
#pragma once

#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>

#include "../common/plugin_call.h"

namespace csv {

/// A failure with the status that the host gets.
class Failure : public std::runtime_error {
 public:
  Failure(int32_t status, const std::string &message) : std::runtime_error(message), status_(status) {}
  int32_t status() const noexcept { return status_; }

 private:
  int32_t status_;
};

/// A failure that the host has been told of already.
struct Reported {
  int32_t status;
};

/// The input is malformed at a line, counted from 1.
inline Failure data_failure(uint64_t line, const std::string &message) {
  return Failure(OMPHALOS_E_DATA, "line " + std::to_string(line) + ": " + message);
}

/// The plugin's own status for an exception that nobody foresaw.
constexpr int32_t kUnforeseen = 1;

/// Runs `body`, which may throw, and returns a status. No exception leaves a plugin function: it would end the worker.
template <typename Body>
int32_t guarded(const omphalos_call *call, Body body) noexcept {
  try {
    body();
    return OMPHALOS_OK;
  } catch (const Reported &reported) {
    return reported.status;
  } catch (const Failure &failure) {
    return plugin_fail(call, failure.status(), "%s", failure.what());
  } catch (const std::bad_alloc &) {
    return plugin_fail(call, OMPHALOS_E_MEMORY, "there was not enough memory");
  } catch (const std::exception &error) {
    return plugin_fail(call, kUnforeseen, "an unforeseen failure: %s", error.what());
  } catch (...) {
    return plugin_fail(call, kUnforeseen, "an unforeseen failure without a description");
  }
}

}  // namespace csv
