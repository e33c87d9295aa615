/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Codecs, and their encoders and decoders, whose answers are checked. */
#include "codec.h"

/* Those that are built in: the first one is the default. They are never
 * written to, and need no memory. */
static const struct sgz_codec *
built_in(size_t at)
{
	static const struct sgz_codec *const codecs[] = {
#ifdef SGZ_HAVE_LIBDEFLATE
		&sgz_codec_libdeflate,
#endif
		&sgz_codec_zlib,
	};

	return at < sizeof(codecs) / sizeof(codecs[0]) ? codecs[at] : NULL;
}

struct sgz_codec *
sgz_codec_find_built_in(const char *name)
{
	const struct sgz_codec *codec;

	for (size_t i = 0; (codec = built_in(i)) != NULL; i++)
		if (name == NULL || strcmp(codec->functions.name, name) == 0)
			/* who has it changes only its references, which those
			 * that are built in do not count */
			return (struct sgz_codec *)(uintptr_t)codec;
	return NULL;
}

const char *
sgz_codec_get_built_in(size_t at)
{
	const struct sgz_codec *codec = built_in(at);

	return codec != NULL ? codec->functions.name : NULL;
}

const char *
sgz_codec_get_name(const struct sgz_codec *codec)
{
	return codec->functions.name;
}

const char *
sgz_codec_get_version(const struct sgz_codec *codec)
{
	return codec->functions.version;
}

/* Are these 1 to @most printable characters? */
static bool
is_word(const char *text, size_t most)
{
	size_t len = 0;

	if (text == NULL)
		return false;
	while (len <= most && text[len] > ' ' && text[len] <= '~')
		len++;
	return len > 0 && len <= most && text[len] == '\0';
}

const char *
sgz_codec_find_fault(const struct sgz_codec_vtable *vtable)
{
	const struct sgz_codec *codec = NULL;

	/* with another ABI nothing else means what it means here */
	if (vtable->abi != SGZ_CODEC_ABI)
		return "it has another ABI number";
	if (vtable->size < sizeof(*vtable))
		return "its table of functions is too small";
	if (vtable->new_encoder == NULL || vtable->compress_block == NULL ||
	    vtable->free_encoder == NULL || vtable->new_decoder == NULL ||
	    vtable->decompress_block == NULL || vtable->free_decoder == NULL)
		return "a function in its table is NULL";
	if (vtable->level_least < 1 ||
	    vtable->level_default < vtable->level_least ||
	    vtable->level_most < vtable->level_default)
		return "its levels are not in order";
	if (!is_word(vtable->name, sizeof(codec->name) - 1))
		return "its name is not 1 to 31 printable characters";
	if (!is_word(vtable->version, sizeof(codec->version) - 1))
		return "its version is not 1 to 63 printable characters";
	return NULL;
}

struct sgz_codec *
sgz_codec_make(const struct sgz_codec_vtable *vtable,
	       const struct sgz_memory *memory)
{
	struct sgz_codec *codec = sgz_memory_alloc(memory, sizeof(*codec));

	if (codec == NULL)
		return NULL;
	memset(codec, 0, sizeof(*codec));
	/* copies: what was checked is what is used */
	codec->functions = *vtable;
	strncpy(codec->name, vtable->name, sizeof(codec->name) - 1);
	strncpy(codec->version, vtable->version, sizeof(codec->version) - 1);
	codec->functions.name = codec->name;
	codec->functions.version = codec->version;
	codec->memory = *memory;
	atomic_init(&codec->references, 1);
	return codec;
}

enum sgz_status
sgz_codec_new(const struct sgz_codec_vtable *vtable,
	      const struct sgz_allocator *allocator,
	      struct sgz_codec **codec_out, struct sgz_error *error)
{
	struct sgz_memory memory;
	const char *fault;
	enum sgz_status status;

	if (vtable == NULL)
		return sgz_error_set(error, SGZ_E_INVALID, 0, NULL, -1,
				     "no table of functions");
	status = sgz_allocator_check(allocator, error);
	if (status != SGZ_OK)
		return status;
	fault = sgz_codec_find_fault(vtable);
	if (fault != NULL)
		return sgz_error_set(error, SGZ_E_UNSUPPORTED, 0, NULL, -1,
				     "the codec cannot be used: %s", fault);
	sgz_memory_init(&memory, allocator);
	*codec_out = sgz_codec_make(vtable, &memory);
	return *codec_out != NULL ? SGZ_OK : sgz_error_set_nomem(error, NULL);
}

struct sgz_codec *
sgz_codec_ref(struct sgz_codec *codec)
{
	if (!codec->is_built_in)
		atomic_fetch_add_explicit(&codec->references, 1,
					  memory_order_relaxed);
	return codec;
}

struct sgz_codec *
sgz_codec_ref_or_default(struct sgz_codec *codec)
{
	return codec != NULL ? sgz_codec_ref(codec) :
			       sgz_codec_find_built_in(NULL);
}

void
sgz_codec_unref(struct sgz_codec *codec)
{
	struct sgz_memory memory;
	void *library;

	if (codec == NULL || codec->is_built_in ||
	    atomic_fetch_sub_explicit(&codec->references, 1,
				      memory_order_acq_rel) != 1)
		return;
	memory = codec->memory;
	library = codec->library;
	sgz_memory_free(&memory, codec);
	sgz_plugin_close(library);
}

/* Encoders and decoders */

static struct sgz_coder *
new_coder(struct sgz_codec *codec, const struct sgz_memory *memory)
{
	struct sgz_coder *coder = sgz_memory_alloc(memory, sizeof(*coder));

	if (coder == NULL)
		return NULL;
	coder->memory = *memory;
	sgz_memory_lend(&coder->memory, &coder->lent);
	coder->codec = sgz_codec_ref(codec);
	coder->complaint = NULL;
	return coder;
}

static void
drop_coder(struct sgz_coder *coder)
{
	struct sgz_memory memory = coder->memory;

	sgz_codec_unref(coder->codec);
	sgz_memory_free(&memory, coder);
}

/* @coder, if its codec made what it is for. */
static struct sgz_coder *
complete(struct sgz_coder *coder)
{
	if (coder->of != NULL)
		return coder;
	drop_coder(coder);
	return NULL;
}

static int32_t
choose_level(const struct sgz_codec_vtable *functions, int32_t level)
{
	if (level < 0)
		return functions->level_default;
	if (level < functions->level_least)
		return functions->level_least;
	if (level > functions->level_most)
		return functions->level_most;
	return level;
}

struct sgz_coder *
sgz_coder_new_encoder(struct sgz_codec *codec, const struct sgz_memory *memory,
		      int32_t level)
{
	struct sgz_coder *coder = new_coder(codec, memory);

	if (coder == NULL)
		return NULL;
	coder->packs = true;
	coder->of = codec->functions.new_encoder(
		choose_level(&codec->functions, level), &coder->lent);
	return complete(coder);
}

struct sgz_coder *
sgz_coder_new_decoder(struct sgz_codec *codec, const struct sgz_memory *memory)
{
	struct sgz_coder *coder = new_coder(codec, memory);

	if (coder == NULL)
		return NULL;
	coder->packs = false;
	coder->of = codec->functions.new_decoder(&coder->lent);
	return complete(coder);
}

void
sgz_coder_free(struct sgz_coder *coder)
{
	if (coder == NULL)
		return;
	if (coder->packs)
		coder->codec->functions.free_encoder(coder->of);
	else
		coder->codec->functions.free_decoder(coder->of);
	drop_coder(coder);
}

static const unsigned char canary[CODER_CANARY] = { 0xc5, 0x3a, 0x91, 0x7e,
						    0x08, 0xe6, 0x5f, 0xb2 };

void
sgz_coder_complain(struct sgz_coder *coder, const char *complaint)
{
	if (!coder->codec->is_built_in)
		coder->complaint = complaint;
}

size_t
sgz_coder_pack(struct sgz_coder *coder, const unsigned char *in, size_t len,
	       unsigned char *out, size_t room)
{
	size_t made = 0;
	enum sgz_codec_answer answer;

	coder->complaint = NULL;
	/* what it says it wrote, and did not, goes into the file as zeros */
	if (!coder->codec->is_built_in)
		memset(out, 0, room);
	memcpy(out + room, canary, sizeof(canary));
	answer = coder->codec->functions.compress_block(coder->of, in, len, out,
							room, &made);
	if (memcmp(out + room, canary, sizeof(canary)) != 0)
		sgz_coder_complain(coder, "it wrote beyond its room");
	else if (answer == SGZ_CODEC_DONE && made > room)
		sgz_coder_complain(
			coder,
			"it made more bytes than there was room for, "
			"as it says");
	else if (answer == SGZ_CODEC_DONE && made == 0)
		sgz_coder_complain(coder,
				   "it made no bytes of some, as it says");
	else if (answer != SGZ_CODEC_DONE && answer != SGZ_CODEC_NO_ROOM)
		sgz_coder_complain(coder, "it failed to pack a block");
	return answer == SGZ_CODEC_DONE && coder->complaint == NULL ? made : 0;
}

bool
sgz_coder_unpack(struct sgz_coder *coder, const unsigned char *in,
		 size_t in_len, unsigned char *out, size_t out_len, size_t room)
{
	size_t used = SIZE_MAX;
	enum sgz_codec_answer answer;

	coder->complaint = NULL;
	if (!coder->codec->is_built_in) {
		room -= CODER_CANARY;
		memcpy(out + room, canary, sizeof(canary));
	}
	answer = coder->codec->functions.decompress_block(
		coder->of, in, in_len, out, out_len, room, &used);
	if (!coder->codec->is_built_in &&
	    memcmp(out + room, canary, sizeof(canary)) != 0)
		sgz_coder_complain(coder, "it wrote beyond its room");
	else if (answer == SGZ_CODEC_CORRUPT || answer == SGZ_CODEC_NO_ROOM)
		sgz_coder_complain(coder,
				   "it refused a block that zlib can unpack");
	else if (answer != SGZ_CODEC_DONE)
		sgz_coder_complain(coder, "it failed to unpack a block");
	else if (used != in_len - TRAILER_SIZE)
		sgz_coder_complain(coder,
				   "it used another number of bytes than the "
				   "block has, as it says");
	return answer == SGZ_CODEC_DONE && used == in_len - TRAILER_SIZE &&
		coder->complaint == NULL;
}

bool
sgz_coder_unpack_part(struct sgz_coder *coder, const unsigned char *in,
		      size_t in_len, unsigned char *out, size_t need)
{
	const struct sgz_codec_vtable *functions = &coder->codec->functions;

	return functions->decompress_part != NULL &&
		functions->decompress_part(coder->of, in, in_len, out, need) ==
		SGZ_CODEC_DONE;
}

enum sgz_status
sgz_coder_raise(const struct sgz_coder *coder, const char *name, int64_t offset,
		struct sgz_error *error)
{
	return sgz_error_set(error, SGZ_E_CALLBACK, 0, name, offset,
			     "the codec %s is wrong: %s",
			     coder->codec->functions.name, coder->complaint);
}
