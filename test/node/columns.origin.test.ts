import type { IDataObject, INodeExecutionData, INodeParameters } from 'n8n-workflow';

import { columnNames } from '../../nodes/shared/session/columns';
import type { VendorName } from '../../sandbox';
import { parseCsv } from '../support/csv';
import { runEvCharging } from '../support/evCharging';
import { binaryOf } from '../support/n8n';
import { useSandbox } from '../support/sandbox';
import { testVendors } from '../support/vendors';

const house = useSandbox({
	...{ records: 40, transactionsPerCharger: 6, plain: true },
	now: new Date().toISOString(),
});

/** The groups of "More Columns" without the two columns that are the same in every row. */
const OTHERS = ['address', 'commercial', 'vehicle'];
const ORIGIN = ['source', 'endpoint'];

const evCharging = async (parameters: INodeParameters, rows: IDataObject[]) => {
	const { items, json, messages } = await runEvCharging(parameters, rows);
	return { items, rows: json, hints: messages };
};

/** What each list needs beside the operation. */
const placesOf = (): Record<string, INodeParameters> => ({
	'spirii chargeRecord': {},
	'spirii transaction': {},
	'spirii legacyChargeRecord': {},
	'voltTime transaction': {
		siteUuid: { __rl: true, mode: 'id', value: house.voltTime.data.sites[0].uuid },
	},
	'voltTime legacyTransaction': { teamId: '1142', chargerScope: 'all' },
});

/** The operations that give rows: those that ask for "More Columns". */
const OPERATIONS = testVendors.flatMap(({ name, Node }) =>
	new Node().description.properties
		.filter((property) => property.name === 'columnGroups')
		.flatMap(({ displayOptions }) => {
			const { resource = [], operation = [] } = displayOptions?.show ?? {};
			return resource.flatMap((one) => operation.map((of) => [name, String(one), String(of)] as const));
		}),
);

async function recordsOf(output: INodeExecutionData[], operation: string): Promise<IDataObject[]> {
	if (operation === 'export') return parseCsv((await binaryOf(output[0])).toString());
	return operation === 'getPage' ? (output[0].json.data as IDataObject[]) : output.map(({ json }) => json);
}

/** The rows that an operation gives. */
async function read(vendor: VendorName, resource: string, operation: string, more: INodeParameters = {}) {
	const run = async (of: string, own: INodeParameters) =>
		await recordsOf(
			(
				await house.run[vendor]({
					...{ resource, operation: of, output: 'simplified', ...own, ...more },
					...placesOf()[`${vendor} ${resource}`],
				})
			).items,
			of,
		);
	const all = { returnAll: true };
	if (operation !== 'get') return await run(operation, operation === 'getPage' ? {} : all);
	const [{ sessionKey }] = await run('getAll', all);
	return await run('get', { id: String(sessionKey) });
}

/** Columns, or cells by their names, with those of the origin before the rest of the place. */
function withOrigin<T extends string | [string, unknown]>(columns: T[], ...origin: T[]): T[] {
	const at = columns.findIndex((column) => [column].flat()[0] === 'city');
	return [...columns.slice(0, at), ...origin, ...columns.slice(at)];
}

test('all lists of both vendors are asked', () => {
	const lists = new Set(OPERATIONS.map(([vendor, resource]) => `${vendor} ${resource}`));
	expect([...lists].sort()).toEqual(Object.keys(placesOf()).sort());
});

describe.each(OPERATIONS)('the rows of %s, %s: %s', (vendor, resource, operation) => {
	test('have neither vendor nor endpoint by default, and no other group brings them', async () => {
		for (const groups of [[], OTHERS]) {
			const rows = await read(vendor, resource, operation, { columnGroups: groups });
			expect(rows.length).toBeGreaterThan(operation === 'get' ? 0 : 5);
			for (const row of rows) expect(Object.keys(row).filter((name) => ORIGIN.includes(name))).toEqual([]);
		}
	});

	test('have both among what is asked for with "More Columns: Vendor and Endpoint", the others as they were', async () => {
		const bare = await read(vendor, resource, operation);
		const rows = await read(vendor, resource, operation, { columnGroups: ['origin'] });
		const [{ endpoint }] = rows;
		expect(endpoint).toMatch(/^\/(api\/)?v\d\//);
		expect(rows.map((row) => Object.entries(row))).toEqual(
			bare.map((row) => withOrigin(Object.entries(row), ['source', vendor], ['endpoint', endpoint])),
		);
	});

	test('have the vendor with Billing, and either with Choose', async () => {
		const [billing] = await read(vendor, resource, operation, { columns: 'billing' });
		expect(billing).toMatchObject({ source: vendor });
		for (const name of ORIGIN) {
			const chosenColumns = [name, 'sessionKey'];
			const [row] = await read(vendor, resource, operation, { columns: 'choose', chosenColumns });
			expect(Object.keys(row)).toEqual(chosenColumns);
			expect(row[name]).toMatch(name === 'source' ? vendor : /^\//);
		}
	});
});

test.each(testVendors.map(({ name }) => name))(
	'the rows of the trigger of %s have vendor and endpoint if they are asked for, else neither',
	async (vendor) => {
		const place =
			vendor === 'voltTime' ? { sessionsOf: 'site', ...placesOf()['voltTime transaction'] } : undefined;
		const names: string[][] = [];
		for (const columnGroups of [[], ['origin']]) {
			const parameters = { output: 'simplified', columnGroups, ...place };
			const rows = await house.activate[vendor](parameters).showNewest();
			expect(rows.length).toBeGreaterThan(0);
			names.push(Object.keys(rows[0]));
		}
		const [bare, full] = names;
		expect(bare.filter((name) => ORIGIN.includes(name))).toEqual([]);
		expect(full).toEqual(withOrigin(bare, ...ORIGIN));
	},
);

describe('EV Charging', () => {
	let raw: IDataObject[];
	/** As both nodes give them where nothing is set. */
	let rows: IDataObject[];

	beforeAll(async () => {
		const both = async (more: INodeParameters) => [
			...(await read('spirii', 'transaction', 'getAll', more)),
			...(await read('voltTime', 'legacyTransaction', 'getAll', more)),
		];
		[raw, rows] = [await both({ output: 'raw' }), await both({})];
	});

	test.each(['normalize', 'export'])(
		'%s gives neither vendor nor endpoint by default, and both if they are asked for',
		async (operation) => {
			for (const input of [raw, rows]) {
				const make = async (columnGroups: string[]) =>
					await recordsOf((await evCharging({ operation, columnGroups }, input)).items, operation);
				const bare = await make([]);
				expect(Object.keys(bare[0])).toEqual(columnNames([]));
				expect(Object.keys(bare[0]).filter((name) => ORIGIN.includes(name))).toEqual([]);
				const full = await make(['origin']);
				expect(Object.keys(full[0])).toEqual(withOrigin(columnNames([]), ...ORIGIN));
				expect(full.map(({ source }) => source)).toEqual(
					full.map(({ sessionKey }) => String(sessionKey).split(':')[0]),
				);
				expect(new Set(full.map(({ source }) => source))).toEqual(new Set(['spirii', 'voltTime']));
			}
		},
	);

	test('adds up rows without their vendor by vendor as their records', async () => {
		const parameters = { operation: 'summarize', groupBy: ['source'] };
		const ofRecords = (await evCharging(parameters, raw)).rows;
		expect(new Set(ofRecords.map(({ source }) => source))).toEqual(new Set(['spirii', 'voltTime']));
		expect((await evCharging(parameters, rows)).rows).toEqual(ofRecords);
	});

	/** A session of a vendor in the columns of every row: charger 25 of either, on one evening. */
	const sessionAt25 = (vendor: VendorName, id: number, cells: IDataObject = {}): IDataObject => ({
		...Object.fromEntries(columnNames([]).map((name) => [name, null])),
		...{ sessionKey: `${vendor}:${id}`, sessionId: String(id), chargerId: '25', connectorId: '1' },
		...{ status: 'completed', localDate: '2026-03-01', billingMonth: '2026-03', currency: 'EUR' },
		...{ startedAt: '2026-03-01T18:00:00.000Z', endedAt: '2026-03-01T20:00:00.000Z', energyKwh: 10 },
		...cells,
	});

	test('pays the chargers of two vendors apart, though they have one number and rows without their vendor', async () => {
		const input = [sessionAt25('spirii', 1), sessionAt25('voltTime', 1, { energyKwh: 20 })];
		const parameters = {
			...{ operation: 'reimburse', statementPer: 'charger', priceFrom: 'fixed', pricePerKwh: 1 },
			...{ sites: 'all', priceCurrency: 'EUR' },
		};
		const paid = async (more: INodeParameters) =>
			(await evCharging({ ...parameters, ...more }, input)).rows.map(({ charger, amount }) => [
				charger,
				amount,
			]);
		expect(await paid({})).toEqual([
			['25', 10],
			['25', 20],
		]);
		const listed = (siteIds: string) => paid({ sites: 'listed', siteIds, leaveOutEmpty: true });
		expect(await listed('voltTime:charger:25')).toEqual([
			['25', 0],
			['25', 20],
		]);
	});

	test.each<[string, INodeParameters, (made: IDataObject) => unknown]>([
		['normalize', {}, ({ warnings }) => String(warnings).split(';')],
		['export', { fileFormat: 'ndjson' }, ({ warnings }) => String(warnings).split(';')],
		['normalize', { output: 'ocpi' }, ({ _warnings }) => _warnings],
	])(
		'%s with %j finds two sessions of one charger at once, and none of two vendors that share its number',
		async (operation, more, codesOf) => {
			const overlapping = async (input: IDataObject[]) => {
				const { items } = await evCharging({ operation, ...more }, input);
				const made =
					operation === 'export'
						? (await binaryOf(items[0]))
								.toString()
								.trim()
								.split('\n')
								.map((line) => JSON.parse(line) as IDataObject)
						: items.map(({ json }) => json);
				return made.map((one) => (codesOf(one) as string[]).includes('overlapping'));
			};
			const [spirii, voltTime] = [sessionAt25('spirii', 1), sessionAt25('voltTime', 2)];
			expect(await overlapping([spirii, sessionAt25('spirii', 2)])).toEqual([true, true]);
			expect(await overlapping([spirii, voltTime])).toEqual([false, false]);
		},
	);

	test('counts a session without an ID that comes back, and neither an empty row nor one of an unknown record', async () => {
		const { id, ...bare } = raw[0];
		expect(id).toBeDefined();
		const [unnamed] = (await evCharging({ operation: 'normalize' }, [bare])).rows;
		expect(unnamed).toMatchObject({ sessionKey: null, warnings: expect.stringContaining('id-missing') });
		const [unknown] = (await evCharging({ operation: 'normalize' }, [{ hello: 'world' }])).rows;
		const empty = Object.fromEntries(columnNames([]).map((name) => [name, '']));
		const input = [unnamed, unknown, empty, ...rows];
		const many = { options: { includeRunning: true } };
		const { rows: lines, hints } = await evCharging({ operation: 'summarize', groupBy: [], ...many }, input);
		const count = lines.reduce((sum, { sessions }) => sum + Number(sessions), 0);
		expect(count).toBe(rows.length + 1);
		expect(hints[0]).toMatch(/^2 items are not sessions that the node knows\. They are left out\./);
		const { hints: ofNormalize } = await evCharging({ operation: 'normalize' }, input);
		expect(ofNormalize[0]).toMatch(/^2 items do not look like a session, so their rows are empty\./);
		const { items } = await evCharging({ operation: 'export' }, input);
		expect(items[0].json.rows).toBe(rows.length + 1);
	});

	test.each(OPERATIONS.filter(([, , operation]) => operation === 'getAll'))(
		'misses no column but that of the warnings in rows of %s, %s from a file without empty cells',
		async (vendor, resource) => {
			const filled = (await read(vendor, resource, 'getAll')).map((row) =>
				Object.fromEntries(Object.entries(row).filter(([, cell]) => cell !== null)),
			);
			for (const parameters of [{ operation: 'summarize' }, { operation: 'normalize' }]) {
				const { hints } = await evCharging(parameters, filled);
				expect(hints.filter((hint) => /come in lack (?!Warnings, so)/.test(hint))).toEqual([]);
			}
		},
	);
});
