// The bytes of one input, read in blocks.
#pragma once

#include <cstdint>
#include <vector>

#include "../common/plugin_call.h"

namespace csv {

/// A descriptor that the host opened, read forwards with a fixed amount of memory. Throws Failure.
class InputFile {
 public:
  /// Opens the file that the pipeline names under `files`.
  InputFile(const omphalos_call *call, const char *name);
  ~InputFile();
  InputFile(const InputFile &) = delete;
  InputFile &operator=(const InputFile &) = delete;

  /// Reads the next block; afterwards [begin, end) is not empty, unless the end of the file is reached.
  void read_block();
  /// Starts again at the first byte.
  void rewind() noexcept;

  const char *begin() const noexcept { return block_.data() + at_; }
  const char *end() const noexcept { return block_.data() + filled_; }
  void skip(size_t count) noexcept { at_ += count; }

  uint64_t bytes_read() const noexcept { return offset_; }
  uint64_t length() const noexcept { return length_; }

 private:
  const omphalos_call *call_;
  int fd_ = -1;
  uint64_t length_ = 0;  // as the host hashed it; what lies behind is not read
  uint64_t offset_ = 0;
  std::vector<char> block_;
  size_t at_ = 0;
  size_t filled_ = 0;
};

}  // namespace csv
