#define _GNU_SOURCE
#include "CLinux.h"

#include <link.h>

struct walk {
  clinux_objects *known;
  size_t index;
  void (*visit)(const clinux_code *, void *);
  void *context;
};

static int walk(struct dl_phdr_info *object, size_t size, void *argument) {
  (void)size;
  struct walk *walk = argument;
  clinux_objects *known = walk->known;
  if (walk->index == 0) {
    if (known->added == object->dlpi_adds && known->removed == object->dlpi_subs) return 1;
    // Objects are listed in the order in which they were loaded, so new ones come last, unless some went.
    if (known->removed != object->dlpi_subs) known->seen = 0;
    known->added = object->dlpi_adds;
    known->removed = object->dlpi_subs;
  }
  if (walk->index++ < known->seen) return 0;
  clinux_code code = {0, 0, object->dlpi_addr, object->dlpi_name};
  for (size_t i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0) continue;
    code.start = object->dlpi_addr + segment->p_vaddr;
    code.end = code.start + segment->p_memsz;
    walk->visit(&code, walk->context);
  }
  if (code.end == 0) walk->visit(&code, walk->context);
  return 0;
}

void clinux_new_objects(clinux_objects *known, void (*visit)(const clinux_code *, void *), void *context) {
  struct walk state = {known, 0, visit, context};
  if (dl_iterate_phdr(walk, &state) == 0) known->seen = state.index;
}
