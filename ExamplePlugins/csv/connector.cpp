// The connector `csv`: a TableReader behind an Arrow stream.
#include <cerrno>
#include <cstring>
#include <memory>

#include "capabilities.h"
#include "failure.h"
#include "table_reader.h"

namespace csv {

namespace {

/// What an open stream owns. A failure is final: after it the stream repeats the same error.
struct TableStream {
  TableStream(const omphalos_call *the_call) : call(the_call), reader(the_call) {}

  const omphalos_call *call;
  TableReader reader;
  int error = 0;
  std::string message;
};

TableStream &stream_of(ArrowArrayStream *stream) { return *static_cast<TableStream *>(stream->private_data); }

/// Runs `body`; a failure goes to the host by set_error and to the stream's caller as errno value and text.
template <typename Body>
int run(TableStream &stream, Body body) noexcept {
  if (stream.error != 0) return stream.error;
  const int32_t status = guarded(stream.call, [&] {
    try {
      body();
    } catch (const std::exception &error) {
      stream.message = error.what();
      throw;
    }
  });
  stream.error = plugin_errno_from_status(status);
  return stream.error;
}

int get_schema(ArrowArrayStream *self, ArrowSchema *out) {
  std::memset(out, 0, sizeof *out);
  TableStream &stream = stream_of(self);
  return run(stream, [&] { stream.reader.schema(out); });
}

int get_next(ArrowArrayStream *self, ArrowArray *out) {
  std::memset(out, 0, sizeof *out);
  TableStream &stream = stream_of(self);
  return run(stream, [&] { stream.reader.next(out); });
}

const char *get_last_error(ArrowArrayStream *self) {
  const TableStream &stream = stream_of(self);
  return stream.error == 0 ? nullptr : stream.message.c_str();
}

void release(ArrowArrayStream *self) {
  delete &stream_of(self);
  self->private_data = nullptr;
  self->release = nullptr;
}

int32_t open(void *, const omphalos_call *call, ArrowArrayStream *out) {
  return guarded(call, [&] {
    auto stream = std::make_unique<TableStream>(call);
    out->get_schema = get_schema;
    out->get_next = get_next;
    out->get_last_error = get_last_error;
    out->release = release;
    out->private_data = stream.release();
  });
}

}  // namespace

}  // namespace csv

const omphalos_connector connector_csv = {sizeof(omphalos_connector), 0, csv::open};
