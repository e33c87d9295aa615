/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads .eh_frame: for a function (FDE) a small program says where the return
 * address and the saved registers are, from instruction to instruction.
 *
 *   .eh_frame_hdr: | address, FDE | address, FDE | ...      sorted
 *   FDE:           | len | CIE | first | size | ... | program |
 *   CIE:           | len | 0 | 1 | "zPLR" | code, data align | ... | program |
 */
#include "cfi.h"

#include "audit.h"
#include "util.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

/* Numbers of registers in these tables. */
enum {
	BP = 6,
	SP = 7,
	RA = 16
};
enum saved {
	SAME,
	AT_CFA,
	AT_BP,
	UNDEFINED,
	OTHER
};

/* A row of the table, as far as it matters here. */
struct row {
	enum cfi_kind kind;
	int64_t reg, offset; /* of the CFA: the caller's stack pointer */
	enum saved bp, ra;
	int64_t bp_offset, ra_offset;
};

struct cie {
	const uint8_t *program, *end;
	uint64_t code_align;
	int64_t data_align;
	uint8_t encoding; /* of addresses in its FDEs */
	bool augmented, signal;
};

struct reader {
	const uint8_t *at, *end;
	bool bad;
};

/* ---- numbers ---- */

static uint64_t
read_fixed(struct reader *in, size_t size)
{
	uint64_t value = 0;

	if ((size_t)(in->end - in->at) < size) {
		in->bad = true;
		return 0;
	}
	memcpy(&value, in->at, size);
	in->at += size;
	return value;
}

/* A number in LEB128: seven bits a byte. @ones has the bits above those that
   were read, set if the number is negative as one with a sign. */
static uint64_t
read_leb(struct reader *in, uint64_t *ones)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;

	do {
		byte = (uint8_t)read_fixed(in, 1);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while ((byte & 0x80) != 0 && !in->bad);
	*ones = shift < 64 && (byte & 0x40) != 0 ? ~(uint64_t)0 << shift : 0;
	return value;
}

static uint64_t
read_uleb(struct reader *in)
{
	uint64_t ones;

	return read_leb(in, &ones);
}

static int64_t
read_sleb(struct reader *in)
{
	uint64_t ones, value = read_leb(in, &ones);

	return (int64_t)(value | ones);
}

/* An address, as @encoding says: a format, and what it is counted from. */
static uintptr_t
read_address(struct reader *in, uint8_t encoding, uintptr_t data)
{
	uintptr_t place = (uintptr_t)in->at;
	int64_t value;

	switch (encoding & 0x0f) {
	case 0x00:
	case 0x04:
	case 0x0c:
		value = (int64_t)read_fixed(in, 8);
		break;
	case 0x03:
		value = (int64_t)read_fixed(in, 4);
		break;
	case 0x0b:
		value = (int32_t)read_fixed(in, 4);
		break;
	default:
		in->bad = true;
		return 0;
	}
	switch (encoding & 0xf0) {
	case 0x00:
		return (uintptr_t)value;
	case 0x10:
		return place + (uintptr_t)value;
	case 0x30:
		return data + (uintptr_t)value;
	default:
		in->bad = true;
		return 0;
	}
}

/* ---- the entries ---- */

/* Behind the length of an entry; its end. */
static struct reader
entry_at(const uint8_t *at)
{
	struct reader in = { at, at + 12, false };
	uint64_t len = read_fixed(&in, 4);

	if (len == 0xffffffff)
		len = read_fixed(&in, 8);
	in.end = in.at + len;
	return in;
}

static bool
read_cie(const uint8_t *at, struct cie *cie)
{
	struct reader in = entry_at(at);
	const char *augmentation;
	uint8_t version;
	uint64_t len;

	*cie = (struct cie){ .end = in.end };
	if (read_fixed(&in, 4) != 0)
		return false;
	version = (uint8_t)read_fixed(&in, 1);
	augmentation = (const char *)in.at;
	in.at += strlen(augmentation) + 1;
	cie->code_align = read_uleb(&in);
	cie->data_align = read_sleb(&in);
	if ((version == 1 ? read_fixed(&in, 1) : read_uleb(&in)) != RA)
		return false;
	if (augmentation[0] == 'z') {
		cie->augmented = true;
		len = read_uleb(&in);
		cie->program = in.at + len;
		for (augmentation++; *augmentation != '\0'; augmentation++) {
			if (*augmentation == 'R')
				cie->encoding = (uint8_t)read_fixed(&in, 1);
			else if (*augmentation == 'S')
				cie->signal = true;
			else if (*augmentation == 'L')
				read_fixed(&in, 1);
			else if (*augmentation == 'P')
				/* the format decides how long it is */
				read_address(&in,
					     (uint8_t)read_fixed(&in, 1) & 0x1f,
					     0);
			else
				return false;
		}
	} else if (augmentation[0] == '\0') {
		cie->program = in.at;
	} else {
		return false;
	}
	return !in.bad;
}

/* ---- the programs ---- */

/* `breg bp offset` and perhaps `deref`; false: it is another expression. */
static bool
read_bp_expression(struct reader *in, int64_t *offset_out, bool *deref_out)
{
	uint64_t len = read_uleb(in);
	struct reader inner = { in->at, in->at + len, in->bad };

	in->at += len;
	if (in->bad || read_fixed(&inner, 1) != 0x70 + BP)
		return false;
	*offset_out = read_sleb(&inner);
	*deref_out = inner.at < inner.end && *inner.at == 0x06;
	inner.at += *deref_out;
	return !inner.bad && inner.at == inner.end;
}

static void
set_saved(struct row *row, uint64_t reg, enum saved saved, int64_t offset)
{
	if (reg == BP) {
		row->bp = saved;
		row->bp_offset = offset;
	} else if (reg == RA) {
		row->ra = saved;
		row->ra_offset = offset;
	}
}

static void
set_expression(struct row *row, struct reader *in)
{
	uint64_t reg = read_uleb(in);
	int64_t offset;
	bool deref;
	bool known = read_bp_expression(in, &offset, &deref);

	if (reg == BP && known && offset == 0 && !deref)
		set_saved(row, reg, AT_BP, 0);
	else
		set_saved(row, reg, OTHER, 0);
}

static void
set_cfa_expression(struct row *row, struct reader *in)
{
	int64_t offset;
	bool deref;

	if (read_bp_expression(in, &offset, &deref) && deref) {
		row->kind = CFI_AT_BP;
		row->offset = offset;
	} else {
		row->kind = CFI_UNKNOWN;
	}
}

static void
set_cfa(struct row *row, int64_t reg, int64_t offset)
{
	row->reg = reg;
	row->offset = offset;
	row->kind = reg == SP ? CFI_FROM_SP :
		reg == BP     ? CFI_FROM_BP :
				CFI_UNKNOWN;
}

/* What the first instructions of a CIE say a register is. */
static void
restore(struct row *row, uint64_t reg, const struct row *first)
{
	if (reg == BP)
		set_saved(row, reg, first->bp, first->bp_offset);
	else if (reg == RA)
		set_saved(row, reg, first->ra, first->ra_offset);
}

struct machine {
	struct row row, first;
	struct row kept[4]; /* by "remember state" */
	size_t depth;
	uintptr_t at;
};

/* Instructions that go to a later address. */
static bool
run_advance(struct machine *m, uint8_t op, struct reader *in,
	    const struct cie *cie)
{
	switch (op) {
	case 0x01: /* set_loc */
		m->at = read_address(in, cie->encoding, 0);
		return true;
	case 0x02: /* advance_loc1, 2, 4 */
		m->at += read_fixed(in, 1) * cie->code_align;
		return true;
	case 0x03:
		m->at += read_fixed(in, 2) * cie->code_align;
		return true;
	case 0x04:
		m->at += read_fixed(in, 4) * cie->code_align;
		return true;
	default:
		return false;
	}
}

/* Those about the caller's stack pointer. */
static bool
run_cfa(struct row *row, uint8_t op, struct reader *in, const struct cie *cie)
{
	uint64_t reg;

	switch (op) {
	case 0x0c: /* def_cfa, def_cfa_sf */
		reg = read_uleb(in);
		set_cfa(row, (int64_t)reg, (int64_t)read_uleb(in));
		return true;
	case 0x12:
		reg = read_uleb(in);
		set_cfa(row, (int64_t)reg, read_sleb(in) * cie->data_align);
		return true;
	case 0x0d: /* def_cfa_register */
		set_cfa(row, (int64_t)read_uleb(in), row->offset);
		return true;
	case 0x0e: /* def_cfa_offset, def_cfa_offset_sf */
		row->offset = (int64_t)read_uleb(in);
		return true;
	case 0x13:
		row->offset = read_sleb(in) * cie->data_align;
		return true;
	case 0x0f: /* def_cfa_expression */
		set_cfa_expression(row, in);
		return true;
	default:
		return false;
	}
}

/* "Remember state" and "restore state". */
static void
run_state(struct machine *m, bool remember, struct reader *in)
{
	if (remember ? m->depth == ARRAY_SIZE(m->kept) : m->depth == 0)
		in->bad = true;
	else if (remember)
		m->kept[m->depth++] = m->row;
	else
		m->row = m->kept[--m->depth];
}

/* An instruction that is not of the three that have an operand within. */
static void
run_extended(struct machine *m, uint8_t op, struct reader *in,
	     const struct cie *cie)
{
	struct row *row = &m->row;
	uint64_t reg;

	if (run_advance(m, op, in, cie) || run_cfa(row, op, in, cie))
		return;
	switch (op) {
	case 0x00: /* nop */
		break;
	case 0x05: /* offset_extended, and with a sign */
		reg = read_uleb(in);
		set_saved(row, reg, AT_CFA,
			  (int64_t)read_uleb(in) * cie->data_align);
		break;
	case 0x11:
		reg = read_uleb(in);
		set_saved(row, reg, AT_CFA, read_sleb(in) * cie->data_align);
		break;
	case 0x06: /* restore_extended */
		restore(row, read_uleb(in), &m->first);
		break;
	case 0x07: /* undefined */
		set_saved(row, read_uleb(in), UNDEFINED, 0);
		break;
	case 0x08: /* same_value */
		set_saved(row, read_uleb(in), SAME, 0);
		break;
	case 0x09: /* register */
	case 0x14: /* val_offset */
	case 0x15:
		set_saved(row, read_uleb(in), OTHER, 0);
		read_uleb(in);
		break;
	case 0x0a: /* remember_state, restore_state */
	case 0x0b:
		run_state(m, op == 0x0a, in);
		break;
	case 0x10: /* expression */
		set_expression(row, in);
		break;
	case 0x16: /* val_expression */
		set_saved(row, read_uleb(in), OTHER, 0);
		reg = read_uleb(in);
		in->at += reg;
		break;
	case 0x2e: /* GNU_args_size */
		read_uleb(in);
		break;
	default:
		in->bad = true;
	}
}

/* Run until the row of @pc is complete. */
static bool
run(struct machine *m, const uint8_t *program, const uint8_t *end, uintptr_t pc,
    const struct cie *cie)
{
	struct reader in = { program, end, false };
	uint64_t reg;
	uint8_t op;

	while (in.at < in.end && !in.bad) {
		op = *in.at++;
		switch (op >> 6) {
		case 1: /* advance_loc */
			m->at += (op & 0x3fu) * cie->code_align;
			break;
		case 2: /* offset */
			reg = op & 0x3f;
			set_saved(&m->row, reg, AT_CFA,
				  (int64_t)read_uleb(&in) * cie->data_align);
			break;
		case 3: /* restore */
			restore(&m->row, op & 0x3f, &m->first);
			break;
		default:
			run_extended(m, op, &in, cie);
		}
		if (m->at > pc)
			break;
	}
	return !in.bad;
}

static struct cfi_rule
rule_of(const struct row *row)
{
	const struct cfi_rule unknown = { .kind = CFI_UNKNOWN };
	struct cfi_rule rule = {
		.kind = (uint8_t)row->kind,
		.offset = (int32_t)row->offset,
	};

	if (row->ra == UNDEFINED)
		return (struct cfi_rule){ .kind = CFI_END };
	if (row->offset != rule.offset || row->ra != AT_CFA ||
	    row->ra_offset != -8)
		return unknown;
	switch (row->bp) {
	case SAME:
		rule.bp = CFI_BP_SAME;
		break;
	case AT_CFA:
		rule.bp = CFI_BP_SAVED;
		rule.bp_offset = (int16_t)(row->bp_offset / 8);
		if (rule.bp_offset * 8 != row->bp_offset)
			return unknown;
		break;
	case AT_BP:
		rule.bp = CFI_BP_AT_BP;
		break;
	default:
		return unknown;
	}
	return rule;
}

static struct cfi_rule
rule_in(const uint8_t *fde, uintptr_t pc)
{
	const struct cfi_rule unknown = { .kind = CFI_UNKNOWN };
	struct machine m = { .row = { .bp = SAME, .ra = SAME } };
	struct reader in = entry_at(fde);
	const uint8_t *place = in.at;
	uint64_t back = read_fixed(&in, 4);
	uintptr_t first, size;
	struct cie cie;

	if (in.bad || back == 0 || !read_cie(place - back, &cie))
		return unknown;
	first = read_address(&in, cie.encoding, 0);
	size = read_address(&in, cie.encoding & 0x0f, 0);
	if (pc < first || pc - first >= size)
		return unknown;
	if (cie.augmented) {
		size = read_uleb(&in);
		in.at += size;
	}
	if (cie.signal)
		return (struct cfi_rule){ .kind = CFI_SIGNAL };
	if (in.bad || !run(&m, cie.program, cie.end, UINTPTR_MAX, &cie))
		return unknown;
	m.first = m.row;
	m.at = first;
	if (!run(&m, in.at, in.end, pc, &cie))
		return unknown;
	return rule_of(&m.row);
}

/* ---- the sorted table ---- */

struct search_entry {
	int32_t address, fde; /* from the start of the header */
};

static struct cfi_rule
search(const uint8_t *header, uintptr_t pc)
{
	struct reader in = { header, header + 64, false };
	const struct search_entry *table;
	uintptr_t base = (uintptr_t)header;
	size_t low = 0, high, middle;
	uint8_t formats[4];

	memcpy(formats, in.at, sizeof(formats));
	in.at += sizeof(formats);
	read_address(&in, formats[1], base);
	high = read_address(&in, formats[2], base);
	/* what all linkers write */
	if (in.bad || formats[0] != 1 || formats[3] != 0x3b || high == 0)
		return (struct cfi_rule){ .kind = CFI_UNKNOWN };
	table = (const void *)in.at;
	if (pc < base + (uintptr_t)(intptr_t)table[0].address)
		return (struct cfi_rule){ .kind = CFI_UNKNOWN };
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (pc < base + (uintptr_t)(intptr_t)table[middle].address)
			high = middle;
		else
			low = middle;
	}
	return rule_in((const uint8_t *)base + table[low].fde, pc);
}

#ifdef HAVE_DL_FIND_OBJECT

/* It takes no lock: we may be in a signal handler, or in the loader. */
static const uint8_t *
header_for(uintptr_t pc)
{
	struct dl_find_object object;

	if (_dl_find_object((void *)pc, &object) != 0)
		return NULL;
	return object.dlfo_eh_frame;
}

#else

struct looking {
	uintptr_t pc;
	const uint8_t *header;
};

static int
look(struct dl_phdr_info *info, size_t size, void *ctx)
{
	struct looking *looking = ctx;
	const uint8_t *header = NULL;
	bool inside = false;
	ElfW(Half) i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + part->p_vaddr;

		if (part->p_type == PT_LOAD)
			inside |= looking->pc >= start &&
				looking->pc - start < part->p_memsz;
		else if (part->p_type == PT_GNU_EH_FRAME)
			header = (const uint8_t *)start;
	}
	if (!inside)
		return 0;
	looking->header = header;
	return 1;
}

static const uint8_t *
header_for(uintptr_t pc)
{
	struct looking looking = { .pc = pc };

	dl_iterate_phdr(look, &looking);
	return looking.header;
}

#endif

struct cfi_rule
cfi_rule_at(uintptr_t pc)
{
	const uint8_t *header = header_for(pc);

	if (header == NULL)
		return (struct cfi_rule){ .kind = CFI_UNKNOWN };
	return search(header, pc);
}
