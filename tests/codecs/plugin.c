/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A plugin that is whole, or has the one fault that a macro asks for. */
#include "stored.h"

SGZ_API const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi);

const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi)
{
	static struct sgz_codec_vtable functions = STORED_FUNCTIONS;

	if (abi != SGZ_CODEC_ABI)
		return NULL;
#if defined(FAULT_ABI)
	functions.abi = SGZ_CODEC_ABI + 1;
	/* all else has another meaning there */
	functions.size = 1;
#elif defined(FAULT_SIZE)
	functions.size = sizeof(functions) - 1;
#elif defined(FAULT_FUNCTION)
	functions.decompress_block = NULL;
#elif defined(FAULT_NAME)
	functions.name = "two words";
#elif defined(FAULT_LEVELS)
	functions.level_default = functions.level_most + 1;
#elif defined(FAULT_NULL)
	return NULL;
#elif defined(LATER)
	functions.size = sizeof(functions) + 8;
#endif
	return &functions;
}
