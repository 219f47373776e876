// The examples in n8n: what a person changed there is kept.
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Imports the examples that n8n does not have, and those that are as they were imported last.
 * @param {{ home: string, workflows: () => Promise<object[]>, importWorkflows: (path: string) => Promise<void> }} n8n
 * @param {string} folder with one file for each example
 * @param {boolean} all whether to import also those that a person changed
 * @param {(workflow: object) => object} [adapt] what becomes of an example before it is imported
 * @returns {Promise<Array<{ id: string, name: string }>>} those that a person changed and that were left alone
 */
export async function importExamples(n8n, folder, all, adapt = (workflow) => workflow) {
	const shipped = readdirSync(folder)
		.filter((file) => file.endsWith('.json'))
		.map((file) => adapt(JSON.parse(readFileSync(join(folder, file), 'utf8'))));
	const record = join(n8n.home, 'examples-imported.json');
	const imported = existsSync(record) ? JSON.parse(readFileSync(record, 'utf8')) : {};
	const isNew = !existsSync(join(n8n.home, '.n8n', 'database.sqlite'));
	const present = new Map((isNew || all ? [] : await n8n.workflows()).map((one) => [one.id, one]));
	const { kept, toImport } = planImport(shipped, present, imported);
	if (toImport.length > 0) {
		const copies = mkdtempSync(join(n8n.home, 'examples-'));
		try {
			for (const workflow of toImport)
				writeFileSync(join(copies, `${workflow.id}.json`), JSON.stringify(workflow));
			await n8n.importWorkflows(copies);
		} finally {
			rmSync(copies, { recursive: true, force: true });
		}
	}
	const hashes = Object.fromEntries(toImport.map((workflow) => [workflow.id, hashOf(workflow)]));
	writeFileSync(record, JSON.stringify({ ...imported, ...hashes }));
	return kept;
}

/**
 * Which examples to import, and which to keep as they are in n8n.
 * @param {object[]} shipped
 * @param {Map<string, object>} present the workflows in n8n, by their ids
 * @param {Record<string, string>} imported the hash of each example as it was imported last, by its id
 */
export function planImport(shipped, present, imported) {
	const kept = [];
	const toImport = [];
	for (const workflow of shipped) {
		const own = present.get(workflow.id);
		const last = imported[workflow.id] ?? hashOf(workflow);
		// An import would switch off what was published.
		const isChanged = own && (hashOf(own) !== last || own.active || own.isArchived);
		if (isChanged) kept.push({ id: own.id, name: own.name });
		else if (!own || last !== hashOf(workflow)) toImport.push(workflow);
	}
	return { kept, toImport };
}

/** Of what a person can change on the canvas, whatever the order of the keys. n8n writes the present name of a credential. */
export function hashOf({ name, nodes, connections, settings }) {
	const own = nodes.map(({ credentials = {}, ...node }) => ({
		...node,
		credentials: Object.entries(credentials).map(([type, { id }]) => [type, id]),
	}));
	const text = JSON.stringify(sorted({ name, nodes: own, connections, settings }));
	return createHash('sha256').update(text).digest('hex');
}

function sorted(value) {
	if (Array.isArray(value)) return value.map(sorted);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.keys(value)
			.sort()
			.map((key) => [key, sorted(value[key])]),
	);
}
