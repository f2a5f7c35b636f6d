#include "input_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "failure.h"

namespace csv {

namespace {
constexpr size_t kBlockBytes = 256 * 1024;
}

InputFile::InputFile(const omphalos_call *call, const char *name) : call_(call), block_(kBlockBytes) {
  int32_t fd = -1;
  const int32_t status = call->input_open(call->handle, name, std::strlen(name), &fd, &length_);
  if (status == OMPHALOS_E_NOT_FOUND)
    throw Failure(status, "the pipeline names no file `" + std::string(name) + "` for this; add it under `files`");
  if (status != OMPHALOS_OK) throw Failure(status, "cannot open the file `" + std::string(name) + "`");
  fd_ = fd;
}

InputFile::~InputFile() { close(fd_); }

void InputFile::read_block() {
  if (call_->is_cancelled(call_->handle) != 0) throw Failure(OMPHALOS_E_CANCELLED, "the run is being cancelled");
  at_ = 0;
  filled_ = 0;
  const size_t wanted = static_cast<size_t>(std::min<uint64_t>(kBlockBytes, length_ - offset_));
  if (wanted == 0) return;
  ssize_t got;
  do {
    got = pread(fd_, block_.data(), wanted, static_cast<off_t>(offset_));
  } while (got < 0 && errno == EINTR);
  if (got < 0) throw Failure(OMPHALOS_E_IO, "cannot read the file at byte " + std::to_string(offset_));
  if (got == 0)
    throw Failure(OMPHALOS_E_DATA, "the file ends at byte " + std::to_string(offset_) + ", wanted " +
                                       std::to_string(length_) + "; it has become shorter since the run began");
  filled_ = static_cast<size_t>(got);
  offset_ += filled_;
}

void InputFile::rewind() noexcept {
  offset_ = 0;
  at_ = 0;
  filled_ = 0;
}

}  // namespace csv
