#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# Writes a file as a C array of characters: embed.sh FILE NAME > HEADER
# (a string literal of that length is more than C promises to take)
set -eu

echo "/* Written by driver/embed.sh from $(basename "$1"). */"
echo "static const char $2[] = {"
od -An -v -tx1 "$1" | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g'
echo '0 };'
