// A plugin of interface 1.0 in C++: an exporter that adds up a column. Built once; see README.md beside it.
#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

OMPHALOS_DECLARE("org.omphalos.frozen.cpp", "1.0.0", "omphalos project", "Apache-2.0", "Adds up, in C++", "compatible", 0, 0,
                 "[{\"kind\":\"exporter\",\"name\":\"sum\",\"interface_version\":1}]");

namespace {

// A batch, released at the end of its scope.
class Batch {
 public:
  explicit Batch(ArrowArrayStream *stream) : status_(stream->get_next(stream, &array_)) {}
  ~Batch() {
    if (status_ == 0 && array_.release != nullptr) array_.release(&array_);
  }
  Batch(const Batch &) = delete;
  Batch &operator=(const Batch &) = delete;
  bool failed() const { return status_ != 0; }
  bool is_end() const { return array_.release == nullptr; }
  int64_t length() const { return array_.length; }
  const int64_t *column(int64_t index) const { return static_cast<const int64_t *>(array_.children[index]->buffers[1]); }

 private:
  ArrowArray array_{};
  int status_;
};

int32_t run(void *, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  int64_t sum = 0;
  for (size_t i = 0; i < count; i++) {
    for (;;) {
      Batch batch(inputs[i]->stream);
      if (batch.failed()) return OMPHALOS_E_DATA;
      if (batch.is_end()) break;
      for (int64_t row = 0; row < batch.length(); row++) sum += batch.column(0)[row];
    }
  }
  char digits[24];
  char *start = digits + sizeof digits;
  *--start = '\n';
  do *--start = static_cast<char>('0' + sum % 10);
  while ((sum /= 10) != 0);
  return call->store->put(call->handle, "exports/sum.txt", 15, nullptr, start, static_cast<size_t>(digits + sizeof digits - start));
}

const omphalos_exporter exporter = {sizeof(omphalos_exporter), 0, run};
const omphalos_capability capability = {sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1, 0, "sum", nullptr, &exporter};
const omphalos_capability *const capabilities[] = {&capability};
const omphalos_plugin descriptor = {
    sizeof(omphalos_plugin), OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0, "org.omphalos.frozen.cpp", "1.0.0",
    "omphalos project", "Apache-2.0", "Adds up, in C++", OMPHALOS_HERMETIC_COMPATIBLE, 0, 1, 0, capabilities, nullptr, nullptr};

}  // namespace

extern "C" OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t) { return &descriptor; }
