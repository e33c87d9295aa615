/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* `ferrule audit` as a program of its own, which cargo-ferrule carries. */
#include "../driver/audit.h"

int
main(int argc, char **argv)
{
	return audit(argc, argv);
}
