#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make check-crate`: a bundle of a fake experiment before validators that know nothing of trialbed: the npm packages
# `ro-crate` (RO-Crate) and `datapackage` (Frictionless: JSON Schema of the package, types and keys of every table).
# Needs npm and its registry once; CRATE_MODULES names a folder with node_modules that is there already.
set -eu
: "${TRIALBED:?set TRIALBED to the program}"
here=$(cd "$(dirname "$0")" && pwd)
modules=${CRATE_MODULES:-$here/../../build/crate}
work=$(mktemp -d "${TMPDIR:-/tmp}/trialbed-crate.XXXXXX")
trap 'rm -rf "$work"' EXIT

if [ ! -d "$modules/node_modules/ro-crate" ] || [ ! -d "$modules/node_modules/datapackage" ]; then
    mkdir -p "$modules"
    (cd "$modules" && npm install --no-audit --no-fund --silent ro-crate@3.7.2 datapackage@1.1.10)
fi
cd "$work"
cat >s.yaml <<'YAML'
name: two.words
description: It has "quotes", commas, and a failure
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {x: [1, 2], y: [u, "v w"]}}
repetitions: 2
steps:
  - {name: say, on: a, run: 'echo value=${x} "${y}"', measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]}
captures: [{bridge: br0}]
YAML
"$TRIALBED" -q run --machines fake s.yaml
"$TRIALBED" export -o all.tar.zst --license CC-BY-4.0
"$TRIALBED" export -o part.tar.zst --only 'x=1' --without pcaps
for bundle in all part; do
    mkdir $bundle && tar --zstd -xf $bundle.tar.zst -C $bundle
    NODE_PATH=$modules/node_modules node "$here/validate.js" "$work/$bundle/two.words/data"
    echo "$bundle: the crate and the data package are valid"
done
