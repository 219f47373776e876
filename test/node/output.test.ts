import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { COLUMNS, columnNames } from '../../nodes/shared/session/columns';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 40, plain: true, now: new Date().toISOString() });

const CORE = COLUMNS.filter(({ group }) => group === undefined).map(({ name }) => name);
const list = (resource: string, more: INodeParameters = {}): INodeParameters => ({
	resource,
	operation: 'getAll',
	returnAll: true,
	output: 'simplified',
	...more,
});
const without = (row: IDataObject, ...names: string[]) =>
	Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
const rowsOf = async (parameters: INodeParameters, options = {}) =>
	(await house.run.spirii(parameters, options)).items.map(({ json }) => json);

describe('a row of Spirii', () => {
	test('is the same session by whichever list it was read', async () => {
		const [byRecords, byTransactions, byLegacy] = await Promise.all(
			['chargeRecord', 'transaction', 'legacyChargeRecord'].map(async (resource) => {
				const rows = await rowsOf(list(resource));
				return new Map(rows.map((row) => [row.sessionKey, row]));
			}),
		);
		expect(byRecords.size).toBe(40);
		for (const [key, row] of byRecords) {
			expect(Object.keys(row)).toEqual(CORE);
			// What only one of the two says: the tariff's name is written differently, and only records know of a remote stop.
			const common = without(row, 'warnings', 'tariffName', 'stopReason');
			expect(byTransactions.get(key)).toMatchObject(common);
			const { amountInclVat, energyKwh, startedAt, endedAt, currency, locationName, evseId } = row;
			expect(byLegacy.get(key)).toMatchObject({
				amountInclVat,
				energyKwh,
				startedAt,
				endedAt,
				currency,
				locationName,
				evseId,
			});
		}
	});

	test('comes from one page, and for one record, as well', async () => {
		const [page] = await rowsOf({ resource: 'chargeRecord', operation: 'getPage', output: 'simplified' });
		const rows = page.data as IDataObject[];
		expect(Object.keys(rows[0])).toEqual(CORE);
		const [row] = await rowsOf({
			resource: 'chargeRecord',
			operation: 'get',
			id: rows[0].sessionId as string,
			output: 'simplified',
		});
		expect(row).toEqual(rows[0]);
	});

	test('is what a trigger gives, unless it is told otherwise', async () => {
		const trigger = house.activate.spirii({ firstRun: 'all', output: 'simplified' });
		const rows = await trigger.poll();
		expect(rows).toHaveLength(40);
		expect(Object.keys(rows[0])).toEqual(CORE);
	});

	test('has the columns that are asked for', async () => {
		const [row] = await rowsOf(
			list('chargeRecord', { columnGroups: ['vehicle', 'address'], driverData: 'masked' }),
		);
		expect(Object.keys(row)).toEqual(columnNames(['vehicle', 'address', 'driver']));
		expect(row.tokenUid).toMatch(/^\*{4}.{4}$/);
	});
});

test('a row of Volt Time is in kWh, with the currency and the VAT of the settings', async () => {
	const { items } = await house.run.voltTime({
		resource: 'legacyTransaction',
		operation: 'getAll',
		teamId: '1107',
		chargerScope: 'all',
		returnAll: true,
		output: 'simplified',
		sessionSettings: { currency: 'eur', vatRate: 21 },
	});
	const ended = items.map(({ json }) => json).filter(({ status }) => status === 'completed');
	expect(ended.length).toBeGreaterThan(100);
	for (const row of ended) {
		expect(Object.keys(row)).toEqual(CORE);
		const metered = (row.meterStopKwh as number) - (row.meterStartKwh as number);
		expect(Math.abs(metered - (row.energyKwh as number))).toBeLessThanOrEqual(0.0051);
		expect(row).toMatchObject({ currency: 'EUR', vatRatePct: 21 });
	}
});

test('selected fields come under their paths, null where a record has none', async () => {
	const [item] = await rowsOf(
		list('chargeRecord', {
			output: 'selected',
			selectedFields: 'price.amount, location.name,__proto__,nope.x',
		}),
	);
	expect(Object.entries(item)).toEqual([
		['price.amount', expect.any(Number)],
		['location.name', expect.any(String)],
		['__proto__', null],
		['nope.x', null],
	]);
});

test('a driver can be hashed with the secret of the credential, and not without', async () => {
	const parameters = list('chargeRecord', { driverData: 'hashed' });
	const { spiriiApi } = house.credentials();
	const withSecret = { credentials: { spiriiApi: { ...spiriiApi, hashSecret: 'sixteen letters!' } } };
	const [row] = await rowsOf(parameters, withSecret);
	expect(row.tokenUid).toMatch(/^[0-9a-f]{32}$/);
	const { message, description } = await failureOf(house.run.spirii(parameters));
	expect(message).toBe('"Driver Data" is set to Hashed, but the credential has no Hash Secret');
	expect(description).toContain(
		'Set "Hash Secret" in the credential to at least 16 characters that nobody can guess, and keep it',
	);
});

test.each(['1', 'fifteen letters', '  fifteen letters  ', '🔑'.repeat(15)])(
	'no driver is hashed with a secret that can be guessed: "%s"',
	async (hashSecret) => {
		const { spiriiApi } = house.credentials();
		const credentials = { spiriiApi: { ...spiriiApi, hashSecret } };
		for (const output of ['simplified', 'ocpi']) {
			const parameters = { ...list('chargeRecord', { driverData: 'hashed' }), output };
			const { message, everything } = await failureOf(house.run.spirii(parameters, { credentials }));
			expect(message).toBe(
				`"Driver Data" is set to Hashed, but the Hash Secret of the credential is too short: it has ${[...hashSecret.trim()].length} of at least 16 characters`,
			);
			if (hashSecret.length > 1) expect(everything).not.toContain(hashSecret);
			// Nothing else needs it.
			await house.run.spirii({ ...parameters, driverData: 'masked' }, { credentials });
		}
		expect(house.spirii.requests).toHaveLength(2);
	},
);

test.each([
	[{ currency: 'Euro' }, '"Currency" must be an ISO 4217 code of three letters, but "Euro" was given'],
	[
		{ sessionTimezone: 'Amsterdam' },
		'"Time Zone" must be a name such as Europe/Amsterdam, but "Amsterdam" was given',
	],
	[{ vatRate: 300 }, '"VAT Rate (%)" must be a number from 0 to 100, but 300 was given'],
])('a setting that cannot be used is refused: %j', async (sessionSettings, message) => {
	const failure = await failureOf(house.run.spirii(list('chargeRecord', { sessionSettings })));
	expect(failure).toMatchObject({ message, cause: 'configuration-invalid' });
	expect(house.spirii.requests).toEqual([]);
});

test.each([0, '0', 12.5, '12.5'])('a VAT rate is what was given, zero too: %j', async (vatRate) => {
	const byId = (value: string) => ({ __rl: true, mode: 'id', value });
	const { items } = await house.run.voltTime({
		resource: 'legacyTransaction',
		operation: 'getAll',
		teamId: byId('1107'),
		chargerId: byId('402700'),
		output: 'simplified',
		sessionSettings: { vatRate },
	});
	const priced = items.filter(({ json }) => json.amountInclVat !== null);
	expect(priced.length).toBeGreaterThan(0);
	for (const { json } of priced) {
		expect(json.vatRatePct).toBe(Number(vatRate));
		expect(json.amountExclVat).toBeCloseTo(Number(json.amountInclVat) / (1 + Number(vatRate) / 100), 2);
	}
});

describe('an option that leaves fields of a record out', () => {
	const options = { fields: ['price', 'transactionId'] };
	const cutOf = (output: string, operation: string) =>
		list('chargeRecord', { operation, output, selectedFields: 'location.name', options });

	test.each(
		['getAll', 'getPage', 'export'].flatMap((operation) =>
			['simplified', 'ocpi', 'selected'].map((output) => [output, operation]),
		),
	)(
		'does not count for %s of %s, where the missing ones would be taken for empty',
		async (output, operation) => {
			const { items } = await house.run.spirii(cutOf(output, operation));
			expect(items.length).toBeGreaterThan(0);
			for (const { query } of house.spirii.requests) expect(query.has('fields')).toBe(false);
		},
	);

	test('makes no running session of a finished one', async () => {
		const rows = await rowsOf(cutOf('simplified', 'getAll'));
		expect(rows).toHaveLength(40);
		expect(rows.filter(({ energyKwh }) => energyKwh === null)).toEqual([]);
		expect(rows).toEqual(await rowsOf(list('chargeRecord')));
	});

	test.each(['getAll', 'getPage'])('counts for the raw records of %s', async (operation) => {
		const { items } = await house.run.spirii(cutOf('raw', operation));
		const [record] = operation === 'getPage' ? (items[0].json.data as IDataObject[]) : [items[0].json];
		expect(Object.keys(record).sort()).toEqual(options.fields);
		expect(house.spirii.requests[0].query.getAll('fields')).toEqual(options.fields);
	});
});
