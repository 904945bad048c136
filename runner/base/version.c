// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/version.h"

#ifndef TRIALBED_VARIANT
#define TRIALBED_VARIANT "unknown"
#endif
#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "GCC " __VERSION__
#endif

const char program_version[] = TRIALBED_VERSION;
const char program_build[] = TRIALBED_VARIANT ", " COMPILER;
