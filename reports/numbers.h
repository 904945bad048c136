// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_NUMBERS_H
#define REPORTS_NUMBERS_H

#include "db/table.h"

/* A LaTeX file that knows every number of a summary, so that a paper copies none by hand: after \input{numbers},
 * \trialbed{rtt}{delay=10ms size=64}{mean} is what the tables of the report show (rounded, see rounding.h), and {unit}
 * its unit. In names, what LaTeX would not take literally (%, _, #, \ ...) is a dash: {loss=1-}. Caller frees. */
char *numbers_latex(const Table *rounded);

#endif
