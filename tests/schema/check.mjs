// SPDX-License-Identifier: GPL-3.0-or-later
// An independent validator's opinion of our schema: node check.mjs SCHEMA MODULES GOOD... -- BAD...
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const [schemaFile, modules, ...files] = process.argv.slice(2);
const require = createRequire(modules + '/package.json');
const Ajv = require('ajv/dist/2020');
const yaml = require('js-yaml');
const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, 'utf8')));
const split = files.indexOf('--');
let number = 0;
let failed = 0;

function check(file, wanted) {
  const ok = validate(yaml.load(readFileSync(file, 'utf8'), { schema: yaml.CORE_SCHEMA })) === wanted;
  console.log(`${ok ? 'ok' : 'not ok'} ${++number} - ${file} is ${wanted ? 'accepted' : 'refused'}`);
  if (!ok && wanted) console.log('# ' + ajv.errorsText(validate.errors, { separator: '\n# ' }));
  if (!ok) failed++;
}

files.slice(0, split).forEach((file) => check(file, true));
files.slice(split + 1).forEach((file) => check(file, false));
console.log(`1..${number}`);
process.exit(failed > 0 ? 1 : 0);
