// SPDX-License-Identifier: GPL-3.0-or-later
// validate.js FOLDER: says what two libraries find wrong with the RO-Crate and with the data package in it.
const fs = require('fs');
const path = require('path');
const { Package } = require('datapackage');
const folder = process.argv[2];
let faults = 0;

function fault(text) {
    console.error(text);
    faults++;
}

// The library wants to fetch the context; the copy that comes with it is the same, and needs no network. It takes fetch
// when it is loaded.
const context = { ...require('ro-crate/lib/context.json'), name: 'RO-Crate JSON-LD Context', version: '1.1' };
globalThis.fetch = async () => ({ ok: true, json: async () => context });
const { ROCrate, validate } = require('ro-crate');

function filesBelow(top) {
    const files = {};
    for (const name of fs.readdirSync(top, { recursive: true })) {
        const isDir = fs.lstatSync(path.join(top, name)).isDirectory();
        files[isDir ? name + '/' : name] = { exists: true, inCrate: false, isDir };
    }
    return files;
}

async function checkCrate() {
    const json = JSON.parse(fs.readFileSync(path.join(folder, 'ro-crate-metadata.json'), 'utf8'));
    const crate = new ROCrate(json, { array: true, link: true });
    await crate.resolveContext();
    for (const result of await validate(crate, filesBelow(folder)))
        if (result.status === 'error')
            fault(`crate: ${result.id} ${result.entity || ''} ${result.message}`);
    const ids = new Set(json['@graph'].map((entity) => entity['@id']));
    if (ids.size !== json['@graph'].length)
        fault('crate: two entities have the same @id');
    const refs = (value) => Array.isArray(value) ? value.flatMap(refs)
        : value && value['@id'] && !/^https?:/.test(value['@id']) ? [value['@id']] : [];
    for (const entity of json['@graph'])
        for (const ref of Object.values(entity).flatMap(refs))
            if (!ids.has(ref))
                fault(`crate: ${entity['@id']} refers to ${ref}, which is not there`);
    const files = Object.keys(filesBelow(folder)).filter((name) => !name.endsWith('/'));
    for (const name of files)
        if (!ids.has(name.split('/').map(encodeURIComponent).join('/')))
            fault(`crate: ${name} is not described`);
    const actions = json['@graph'].filter((entity) => entity['@type'] === 'CreateAction');
    if (actions.length === 0 || actions.some((action) => !action.instrument || !action.startTime || !action.endTime))
        fault('crate: an action lacks instrument, start or end');
}

async function checkPackage() {
    const json = JSON.parse(fs.readFileSync(path.join(folder, 'datapackage.json'), 'utf8'));
    // JavaScript has no whole numbers as large as nanoseconds since 1970.
    for (const field of json.resources.flatMap((resource) => resource.schema.fields))
        if (/_ns$/.test(field.name))
            field.type = 'any';
    const described = await Package.load(json, { strict: false, basePath: folder });
    if (!described.valid)
        for (const error of described.errors)
            fault(`data package: ${error.message}`);
    const tables = {};
    for (const resource of described.resources) {
        try {
            tables[resource.name] = await resource.read({ keyed: true });
        } catch (error) {
            fault(`data package: table ${resource.name}: ${error.message} ${(error.errors || []).map((e) => e.message).slice(0, 3)}`);
        }
    }
    // The library looks up several keys of one column in what it put there for the first.
    for (const resource of json.resources)
        for (const key of resource.schema.foreignKeys || []) {
            const values = (row, fields) => JSON.stringify(fields.map((field) => row[field]));
            const known = new Set(tables[key.reference.resource].map((row) => values(row, key.reference.fields)));
            for (const row of tables[resource.name])
                if (key.fields.every((field) => row[field] !== null) && !known.has(values(row, key.fields)))
                    fault(`data package: table ${resource.name}: ${values(row, key.fields)} is not in ${key.reference.resource}`);
        }
}

checkCrate().then(checkPackage).then(() => process.exit(faults > 0 ? 1 : 0), (error) => {
    console.error(error);
    process.exit(1);
});
