#include "wrapper.h"

// Static wrappers

size_t sgz_subfield_len__extern(const struct sgz_subfield *subfield) { return sgz_subfield_len(subfield); }
const struct sgz_subfield * sgz_subfield_next__extern(const struct sgz_header *header, const struct sgz_subfield *subfield) { return sgz_subfield_next(header, subfield); }
