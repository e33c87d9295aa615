/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lesson 20: a plugin that calls a function which nobody has. A shared object
 * may lack names, as the program that loads it may have them: the linker says
 * nothing here either.
 */
#include <sgz/codec.h>

const struct sgz_codec_vtable *
linking_nobody_has_this(void);

SGZ_API const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi);

const struct sgz_codec_vtable *
sgz_codec_plugin(uint32_t abi)
{
	return abi == SGZ_CODEC_ABI ? linking_nobody_has_this() : NULL;
}
