# SPDX-License-Identifier: GPL-3.0-or-later
# Writes samples.tsv, reference.tsv, holm.tsv and groups.tsv beside itself: data sets and R's answers. Not needed to run
# the tests. Run: Rscript tests/data/stats/make-reference.R (R 4.2.2 made the files that are kept.)
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
set.seed(20130613, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
exact <- function(x) ifelse(is.na(x), "NA", sprintf("%.17g", x))
words <- function(x) paste(exact(x), collapse = " ")
write_row <- function(out, ...) cat(paste(..., sep = "\t"), "\n", sep = "", file = out)

# x is the baseline. `shift` is taken off (exactly) before what no shift changes is computed: R's own mean of 1e9 +
# noise has few digits of the noise left.
sets <- list()
add <- function(name, x, y, shift = 0) sets[[name]] <<- list(x = x, y = y, shift = shift)

add("sleep", sleep$extra[sleep$group == 1], sleep$extra[sleep$group == 2])
add("morley", morley$Speed[morley$Expt == 1], morley$Speed[morley$Expt == 2])
add("insect-sprays", InsectSprays$count[InsectSprays$spray == "A"], InsectSprays$count[InsectSprays$spray == "C"])
add("chickens", chickwts$weight[chickwts$feed == "casein"], chickwts$weight[chickwts$feed == "linseed"])
add("normal-20", rnorm(20, 10, 1), rnorm(20, 10.5, 1))
add("normal-same", rnorm(20, 10, 1), rnorm(20, 10, 1))
add("normal-49", rnorm(49, 100, 5), rnorm(49, 101, 5))
add("normal-50", rnorm(50, 100, 5), rnorm(50, 101, 5))
add("normal-200", rnorm(200, 5, 1), rnorm(180, 5.1, 2))
add("unequal-n", rnorm(5, 3, 1), rnorm(37, 3.5, 1))
add("unequal-variance", rnorm(12, 50, 0.1), rnorm(12, 51, 9))
add("lognormal", rlnorm(30, 1, 0.8), rlnorm(30, 1.3, 0.8))
add("exponential", rexp(15, 1), rexp(15, 0.5))
add("cauchy", rcauchy(25, 10), rcauchy(25, 11))
add("paired-blocks", local({ b <<- rnorm(16, 100, 20); b + rnorm(16, 0, 1) }), b + 2 + rnorm(16, 0, 1))
add("paired-opposed", b, 200 - b + rnorm(16))
add("two-each", c(1.5, 2.5), c(2.25, 4))
add("three-each", c(10.1, 10.3, 9.9), c(11, 11.4, 10.9))
add("four-each", c(1, 2, 3, 4), c(5, 6, 7, 8.5))
add("four-five", c(1.1, 7.3, 2.2, 9.1), c(3.3, 4.2, 0.5, 8.8, 6.1))
add("six-each", c(0.9, 1.1, 1.3, 0.8, 1.2, 1), c(1.4, 1.6, 1.25, 1.5, 1.35, 1.7))
add("two-hundred", c(4.5, 3.5), c(3.9, 4.6, 5.5, 1.25, 8.5, 2.75, 3.25, 7.5))
add("ties-rounded", round(rnorm(25, 10, 1), 0), round(rnorm(25, 11, 1), 0))
add("ties-one", c(1, 2, 3, 4, 5, 6, 7), c(7, 8, 9, 10, 11, 12))
add("ties-binary", rep(0:1, c(15, 5)), rep(0:1, c(9, 11)))
add("ties-all-but-one", c(rep(5, 9), 6), rep(5, 10))
add("ties-large", round(rnorm(80, 20, 3)), round(rnorm(75, 21, 3)))
add("offset-1e9", 1e9 + rnorm(20), 1e9 + 0.5 + rnorm(20), 1e9)
add("offset-1e12", 1e12 + rnorm(24, 0, 1), 1e12 + rnorm(24, 1, 1), 1e12)
add("offset-1e15", 1e15 + round(rnorm(16, 0, 1000)), 1e15 + 500 + round(rnorm(16, 0, 1000)), 1e15)
add("offset-down", -1e9 + rnorm(20, 3, 2), -1e9 + rnorm(20, 3, 2), -1e9)
add("tiny-values", rnorm(15, 3e-12, 1e-13), rnorm(15, 3.1e-12, 1e-13))
add("huge-values", rnorm(15, 3e60, 1e59), rnorm(15, 3.5e60, 1e59))
add("negative", rnorm(18, -40, 3), rnorm(18, -44, 3))
add("about-zero", rnorm(20, 0.1, 1), rnorm(20, 0.3, 1))
add("one-constant", rep(10, 8), c(10.5, 11, 10.25, 9.75, 10, 12, 11.5, 10.75))
add("outlier", c(rnorm(19, 100, 1), 500), rnorm(20, 100, 1))
add("outlier-mad-0", c(rep(3, 12), 9, 4), c(rep(3, 5), 4, 4, 2, 2, 7, 3, 3))
add("median-odd-21", rexp(21, 1 / 100), rexp(21, 1 / 120))
add("median-odd-7", c(12, 15, 11, 19, 14, 13, 40), c(22, 18, 21, 25, 30, 17, 19))
add("descending", 30:1, seq(31, 2.5, by = -0.75))

# What a percentile bootstrap of the median of an odd number of values tends to (Efron 1979): its distribution is
# binomial. NA where 9999 resamples need not find the same value.
bootstrap_end <- function(x, p) {
    n <- length(x)
    below <- pbinom((n - 1) / 2, n, (1:n) / n, lower.tail = FALSE) # the resample's median is <= the k-th value
    if (n %% 2 == 0 || n < 6 || min(abs(below - p)) < 0.006) return(NA)
    sort(x)[which(below >= p)[1]]
}

welch_df <- function(a, b) (a + b)^2 / (a^2 / (nx - 1) + b^2 / (ny - 1))

fieller <- function(mx, my, vx, vy, cov, df) {
    t <- qt(0.975, df)
    a <- mx^2 - t^2 * vx; b <- mx * my - t^2 * cov; c <- my^2 - t^2 * vy
    if (a <= 0) c(NA, NA) else (b + c(-1, 1) * sqrt(b^2 - a * c)) / a
}

flags <- function(x) {
    distance <- abs(x - median(x))
    scale <- if (median(distance) > 0) median(distance) / 0.6745 else mean(distance) * sqrt(pi / 2)
    if (length(x) < 6) NA else if (scale == 0) 0 else sum(distance / scale > 3.5)
}

samples <- file(file.path(folder, "samples.tsv"), "w")
answers <- file(file.path(folder, "reference.tsv"), "w")
for (name in names(sets)) {
    x <- sets[[name]]$x; y <- sets[[name]]$y
    write_row(samples, name, words(x), words(y))
    say <- function(what, value) write_row(answers, name, what, exact(as.numeric(value)))
    p <- x - sets[[name]]$shift; q <- y - sets[[name]]$shift # exact
    nx <- length(x); ny <- length(y); vx <- var(p) / nx; vy <- var(q) / ny
    # one sample
    say("mean", mean(x)); say("variance", var(p)); say("stddev", sd(p)); say("sem", sd(p) / sqrt(nx))
    ci <- mean(p) + c(-1, 1) * qt(0.975, nx - 1) * sd(p) / sqrt(nx)
    say("ci95_low", ci[1] + sets[[name]]$shift); say("ci95_high", ci[2] + sets[[name]]$shift)
    for (at in c(0, 5, 25, 50, 75, 95, 99.9, 100)) say(paste0("percentile-", at), quantile(x, at / 100, type = 7))
    say("mad", mad(p, constant = 1))
    if (all(x > 0)) { say("geomean", exp(mean(log(x)))); say("harmonic_mean", 1 / mean(1 / x)) }
    say("sum", sum(x)); say("outliers", flags(p))
    say("bootstrap-low", bootstrap_end(x, 0.025)); say("bootstrap-high", bootstrap_end(x, 0.975))
    # two samples
    welch <- t.test(q, p)
    say("welch-difference", mean(q) - mean(p)); say("welch-df", welch$parameter)
    say("welch-low", welch$conf.int[1]); say("welch-high", welch$conf.int[2]); say("welch-p", welch$p.value)
    margin <- 2 * welch$stderr # TOST by two one-sided tests of t.test
    say("margin", margin)
    say("tost-p", max(t.test(q, p, mu = -margin, alternative = "greater")$p.value,
                      t.test(q, p, mu = margin, alternative = "less")$p.value))
    if (nx == ny) { # power.t.test knows the pooled case: df = 2n - 2
        say("pooled-se", sqrt(vx + vy))
        say("detectable", sqrt((var(p) + var(q)) / 2) * power.t.test(n = nx, sd = 1, power = 0.8, tol = 1e-14)$delta)
        pairs <- t.test(q, p, paired = TRUE)
        say("paired-difference", mean(q - p))
        signed <- suppressWarnings(wilcox.test(q, p, paired = TRUE))
        say("signed-rank-p", if (nx < 4) NA else signed$p.value)
        say("paired-low", pairs$conf.int[1]); say("paired-high", pairs$conf.int[2]); say("paired-p", pairs$p.value)
        interval <- fieller(mean(x), mean(y), vx, vy, cov(p, q) / nx, nx - 1)
        if (sets[[name]]$shift == 0) { say("paired-ratio-low", interval[1]); say("paired-ratio-high", interval[2]) }
    }
    say("ratio", mean(y) / mean(x))
    if (sets[[name]]$shift == 0) { # the quadratic as it stands in books loses its digits otherwise
        interval <- fieller(mean(x), mean(y), vx, vy, 0, welch_df(vx * (mean(y) / mean(x))^2, vy))
        say("ratio-low", interval[1]); say("ratio-high", interval[2])
        one_sided <- function(r, lower)
            pt((mean(y) - r * mean(x)) / sqrt(vy + r^2 * vx), welch_df(vx * r^2, vy), lower.tail = lower)
        if (mean(x) > 0) say("ratio-tost-p", max(one_sided(0.8, FALSE), one_sided(1.25, TRUE)))
    }
    ranks <- suppressWarnings(wilcox.test(y, x))
    say("u", ranks$statistic); say("rank-p", if (min(nx, ny) < 4) NA else ranks$p.value)
    say("cliffs-delta", mean(sign(outer(y, x, "-"))))
}
close(samples); close(answers)

# Lists of p, and what Holm makes of them.
out <- file(file.path(folder, "holm.tsv"), "w")
for (p in list(0.03, c(0.01, 0.04, 0.03, 0.005), c(0.5, 0.5, 0.9), c(0.02, NA, 0.01, NA, 0.3), runif(40)^3,
               c(0, 1, 0.05, 0.05), rep(0.01, 12)))
    write_row(out, words(p), words(p.adjust(p, "holm")))
close(out)

# Iterations in runs: one line a set of runs, runs apart by '|'; then the analysis of variance (aov) of it.
out <- file(file.path(folder, "groups.tsv"), "w")
say_groups <- function(runs) {
    value <- unlist(runs); run <- factor(rep(seq_along(runs), lengths(runs)))
    squares <- summary(aov(value ~ run))[[1]][["Mean Sq"]]
    n <- lengths(runs); size <- (sum(n) - sum(n^2) / sum(n)) / (length(n) - 1)
    between <- max((squares[1] - squares[2]) / size, 0)
    iterations <- max(ceiling(sqrt(9 / 0.25 * squares[2] / between)), 1) # 9 s a run, 0.25 s an iteration
    needed <- NA
    if (is.finite(iterations)) {
        spread <- between + squares[2] / iterations
        half <- abs(mean(sapply(runs, mean))) * 0.05
        needed <- 2
        while (qt(0.975, needed - 1) * sqrt(spread / needed) > half && needed < 1e6) needed <- needed + 1
    } else iterations <- 0
    write_row(out, paste(sapply(runs, words), collapse = "|"), exact(mean(sapply(runs, mean))), exact(squares[2]),
              exact(between), exact(iterations), exact(needed))
}
say_groups(lapply(1:10, function(i) rnorm(1, 100, 3) + rnorm(20, 0, 5)))
say_groups(lapply(c(3, 9, 1, 14, 6), function(n) rnorm(1, 10, 2) + rnorm(n)))
say_groups(lapply(1:8, function(i) 50 + rnorm(30, 0, 10)))
say_groups(lapply(1:30, function(i) rnorm(1, 5, 1.5) + rnorm(2, 0, 0.1)))
say_groups(list(c(1, 2, 3), c(1, 2, 3), c(1, 2, 3)))
say_groups(lapply(1:6, function(i) 1e6 + rnorm(1, 0, 30) + rnorm(12, 0, 8)))
close(out)
