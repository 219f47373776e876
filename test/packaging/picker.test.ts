import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Found {
	item: { name: string };
}
type Search = (
	words: string,
	nodes: object[],
	keys: Array<{ key: string; weight: number }>,
) => Array<Found & { score: number }>;

// What n8n's list of nodes searches with, and where (n8n 2.41.1). Its types need another module resolution than this project has.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const { sublimeSearch } = require('@n8n/utils/search/sublime-search') as { sublimeSearch: Search };
const KEYS = [
	{ key: 'properties.displayName', weight: 1.3 },
	{ key: 'properties.codex.alias', weight: 1 },
];

const NODES = join(__dirname, '../../nodes');

const nodes = readdirSync(NODES, { recursive: true, encoding: 'utf8' })
	.filter((file) => file.endsWith('.node.json'))
	.map((file) => {
		const [, displayName] = /displayName: '([^']+)'/.exec(
			readFileSync(join(NODES, file.replace(/json$/, 'ts')), 'utf8'),
		)!;
		const { alias } = JSON.parse(readFileSync(join(NODES, file), 'utf8')) as { alias: string[] };
		return { name: displayName, properties: { displayName, codex: { alias } } };
	});

function found(words: string): string[] {
	return sublimeSearch(words, nodes, KEYS)
		.map(({ item }) => item.name)
		.sort();
}

const READERS = ['Spirii', 'Spirii Trigger', 'Volt Time', 'Volt Time Trigger'];
const ALL = ['EV Charging', ...READERS];

test.each([
	...['session', 'sessions', 'charging session', 'charging sessions', 'transaction', 'transactions'],
	...['cdr', 'charging', 'ev charging', 'electric vehicle', 'ev'],
	...['emobility', 'e-mobility', 'kwh', 'energy', 'billing', 'invoice', 'reimburse', 'reimbursement'],
	...['home charging', 'fleet', 'roaming', 'ocpi'],
	...['electric car', 'electricity', 'driver', 'drivers', 'refund', 'refunds'],
])('"%s" finds every node', (words) => {
	expect(found(words)).toEqual(ALL);
});

/** Nodes with the same alias stand in the order of their names, so EV Charging, which reads nothing, would come first. */
test.each([
	...['charge point', 'charge points', 'chargepoint', 'charger', 'ev charger', 'ev charge', 'home charger'],
	...['station', 'charging station', 'evse', 'wallbox', 'ocpp', 'rfid', 'id tag', 'tariff', 'tariffs'],
	...['charge record', 'charge records', 'charging record', 'charging records', 'charging transactions'],
	...['charging data', 'ev session', 'ev sessions'],
])('"%s" finds only the nodes that read from a vendor', (words) => {
	expect(found(words)).toEqual(READERS);
});

test.each([
	['plugchoice', ['Volt Time', 'Volt Time Trigger']],
	['volttime', ['Volt Time', 'Volt Time Trigger']],
	['spirii', ['Spirii', 'Spirii Trigger']],
	['csv', ['EV Charging']],
	['statements', ['EV Charging']],
	['payroll', ['EV Charging']],
	['summarize sessions', ['EV Charging']],
])('"%s" finds %j', (words, names) => {
	expect(found(words)).toEqual(names);
});

test('no alias stands twice in a node', () => {
	for (const { properties } of nodes) {
		const aliases = properties.codex.alias.map((alias) => alias.toLowerCase());
		expect([...new Set(aliases)]).toEqual(aliases);
	}
});
