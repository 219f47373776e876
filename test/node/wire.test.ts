import type { GenericValue, INodeParameters, INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { rows } from '../../nodes/Spirii/api';
import type { OperationEntry } from '../../nodes/shared/node/operation';
import type { RecordedRequest } from '../../sandbox';
import { cursorOf } from '../../sandbox/spirii/cursors';
import { leavesOf, nameOf, placed } from '../support/parameters';
import { useSandbox } from '../support/sandbox';

/** What is on the wire: query parameters by name; one that comes several times is a list. */
type Sent = Record<string, string | string[]>;

/** A value on the canvas and what it becomes. `beside`: what the canvas needs to show the parameter at all. */
interface Case {
	given: GenericValue | INodeParameters | INodeParameters[];
	sent: Sent;
	beside?: INodeParameters;
}

const house = useSandbox({ records: 60 });

const aCase = (given: Case['given'], sent: Sent, beside?: INodeParameters): Case => ({ given, sent, beside });
const asIs = (name: string, ...values: string[]) => values.map((value) => aCase(value, { [name]: value }));
const wholeNumber = (name: string) => [aCase(1766, { [name]: '1766' }), aCase('1767', { [name]: '1767' })];
const zeroOrOne = (name: string) => [aCase(true, { [name]: '1' }), aCase(false, { [name]: '0' })];
/** Copenhagen is an hour ahead of UTC in winter, two in summer. */
const moment = (name: string) => [
	aCase('2026-01-15T10:30:00', { [name]: '2026-01-15T09:30:00.000Z' }),
	aCase('2026-07-15T10:30:00', { [name]: '2026-07-15T08:30:00.000Z' }),
];
const nothingSent = (given: Case['given'], beside?: INodeParameters) => [aCase(given, {}, beside)];

const opaque = cursorOf('opaque', { key: Date.parse('2026-01-01T00:00:00.000Z'), id: 8_400_060 });
const dated = '2026-01-01T00:00:00.000Z-8400060';

const conditions = {
	conditions: [
		{ field: 'location.id', operator: '$in', value: '1800, 1807' },
		{ field: 'consumed', operator: '$gt', value: '10.5' },
		{ field: 'isRoaming', operator: '$eq', value: 'false' },
		{ field: 'startedAt', operator: '$gte', value: '2026-01-15T10:30:00' },
		{ field: 'voucher.id', operator: '$exists', value: 'false' },
		{ field: 'evseId', operator: '$regex', value: '^DK' },
	],
};
const conditionsSent = [
	{ 'location.id': { $in: [1800, 1807] } },
	{ consumed: { $gt: 10.5 } },
	{ isRoaming: false },
	{ startedAt: { $gte: '2026-01-15T09:30:00.000Z' } },
	{ 'voucher.id': { $exists: false } },
	{ evseId: { $regex: '^DK' } },
];
const builtSent = (joined: '$and' | '$or') => ({ filter: JSON.stringify({ [joined]: conditionsSent }) });
const json = '{ "consumed": { "$gt": 10 }, "updatedAt": { "$lt": "2026-07-15T10:30:00" } }';
const jsonSent = { consumed: { $gt: 10 }, updatedAt: { $lt: '2026-07-15T08:30:00.000Z' } };

const everywhere = { timeout: nothingSent(30) };
const returned = {
	returnAll: [aCase(false, { limit: '50' })],
	limit: [aCase(7, { limit: '7' }, { returnAll: false })],
};
const paged = (cursor: string) => ({
	nextPageCursor: asIs('nextPageCursor', cursor),
	previousPageCursor: asIs('previousPageCursor', cursor),
});

/** What each parameter of a resource has to become, written down from the vendor's pages, not from the code. */
const expectations: Record<string, Record<string, Case[]>> = {
	chargeRecord: {
		...everywhere,
		...returned,
		...paged(opaque),
		pageSize: [aCase(5000, { limit: '5000' }, { returnAll: true })],
		concurrency: nothingSent(8),
		mode: asIs('mode', 'cpo', 'emp'),
		ongoing: zeroOrOne('ongoing'),
		priority: zeroOrOne('priority'),
		includeChildCompanyRecords: zeroOrOne('includeChildCompanyRecords'),
		updatedAtFrom: moment('updatedAtFrom'),
		updatedAtTo: moment('updatedAtTo'),
		sortKey: asIs('sortKey', 'startedAt'),
		sortDirection: asIs('sortDirection', 'asc', 'desc'),
		filterCombinator: [
			aCase('$and', builtSent('$and'), { filterConditions: conditions }),
			aCase('$or', builtSent('$or'), { filterConditions: conditions }),
			aCase('$or', { filter: JSON.stringify(jsonSent) }, { filterJson: json }),
			aCase('$or', {}),
		],
		filterConditions: [
			aCase(conditions, builtSent('$and')),
			aCase(
				{ conditions: [{ field: 'auth.idTag.uid', operator: '$ne', value: 'Æ&=+ %;' }] },
				{ filter: '{"auth.idTag.uid":{"$ne":"Æ&=+ %;"}}' },
			),
			aCase(
				conditions,
				{ filter: JSON.stringify({ $and: [{ $and: conditionsSent }, jsonSent] }) },
				{ filterJson: json },
			),
		],
		filterJson: [
			aCase(
				json,
				{ filter: JSON.stringify({ $and: [{ $or: conditionsSent }, jsonSent] }) },
				{ filterConditions: conditions, filterCombinator: '$or' },
			),
			aCase(json, { filter: JSON.stringify(jsonSent) }),
			aCase('{"role":null,"voucher.id":{"$ne":null}}', {
				filter: '{"role":null,"voucher.id":{"$ne":null}}',
			}),
			aCase('', {}),
		],
		fields: [
			aCase(['price', 'transactionId'], { fields: ['price', 'transactionId'] }),
			aCase(['price'], { fields: 'price' }),
			aCase('price, consumed', { fields: ['price', 'consumed'] }),
		],
		id: nothingSent('8400060'),
	},
	transaction: {
		...everywhere,
		...returned,
		...paged(dated),
		pageSize: [aCase(2500, { limit: '2500' }, { returnAll: true })],
		concurrency: nothingSent(8),
		locationId: wholeNumber('locationId'),
		locationType: asIs(
			'locationType',
			'Hotel',
			'ParkingLot',
			'ParkingLotIndoor',
			'ParkingLotUnderground',
			'PublicRoad',
			'Residential',
		),
		transactionType: asIs('transactionType', 'nonRoaming', 'roaming', 'roamingCpo', 'roamingEmp'),
		idTagUid: asIs('idTagUid', '6F15 8851&x=Ø+'),
		appUserId: wholeNumber('appUserId'),
		voucherId: wholeNumber('voucherId'),
		chargeBoxId: wholeNumber('chargeBoxId'),
		evseId: asIs('evseId', 'DK.SPI.ZM0050*1'),
		startedAt: moment('startedAt'),
		updatedAt: moment('updatedAt'),
		updatedAtMax: moment('updatedAtMax'),
		endedAt: moment('endedAt'),
		endedAtMax: moment('endedAtMax'),
		sortBy: asIs('sortBy', 'createdAt', 'endedAt', 'startedAt', 'updatedAt'),
		ongoing: [aCase(true, { ongoing: 'true' }), aCase(false, { ongoing: 'false' })],
		priority: zeroOrOne('priority'),
		id: nothingSent('8400060'),
	},
	legacyChargeRecord: {
		...everywhere,
		...returned,
		pageSize: [aCase(2000, { limit: '2000' }, { returnAll: true })],
		concurrency: nothingSent(8),
		offset: [aCase(20, { offset: '20' }), aCase(0, { offset: '0' })],
		startedAt: moment('startedAt'),
		updatedAt: moment('updatedAt'),
		updatedAtMax: moment('updatedAtMax'),
		endedAt: moment('endedAt'),
		endedAtMax: moment('endedAtMax'),
		locationId: wholeNumber('locationId'),
		voucherId: wholeNumber('voucherId'),
		appUserId: wholeNumber('appUserId'),
		idTagUid: asIs('idTagUid', '6F15 8851&x=Ø+'),
		sortBy: asIs('sortBy', 'endedAt', 'id', 'startedAt', 'updatedAt'),
		sortDir: asIs('sortDir', 'ASC', 'DESC'),
		format: asIs('format', 'finance', 'standard'),
		delimiter: asIs('delimiter', ',', ';'),
		fieldSeparator: asIs('fieldSeparator', '.', '_'),
		decimalSeparator: asIs('decimalSeparator', ',', '.'),
		fileName: nothingSent('records.csv'),
		answerFormat: nothingSent('JSON'),
		id: nothingSent('8400060'),
	},
};

/** What an operation sends when nothing is set: a list its limit or page size, v1 its output, a list by offset where it begins. */
const always: Record<string, Sent> = {
	'chargeRecord getAll': { limit: '50' },
	'transaction getAll': { limit: '50' },
	'legacyChargeRecord getAll': { limit: '50', offset: '0', output: 'JSON' },
	'legacyChargeRecord getPage': { offset: '0', output: 'JSON' },
	'legacyChargeRecord download': { limit: '2000', offset: '0', output: 'CSV' },
	'chargeRecord export': { limit: '1000' },
	'transaction export': { limit: '2500' },
	'legacyChargeRecord export': { limit: '2000', offset: '0', output: 'JSON' },
};

/** Parameters that cannot be set together. */
const exclusions: Record<string, string[][]> = {
	chargeRecord: [['nextPageCursor', 'previousPageCursor']],
	transaction: [['nextPageCursor', 'previousPageCursor']],
	legacyChargeRecord: [['startedAt', 'endedAt']],
};

const paths: Record<string, string> = {
	'chargeRecord get': '/v2/charge-records/8400060',
	'chargeRecord getAll': '/v2/charge-records',
	'chargeRecord getPage': '/v2/charge-records',
	'transaction get': '/v2/transactions/8400060',
	'transaction getAll': '/v2/transactions',
	'transaction getPage': '/v2/transactions',
	'legacyChargeRecord get': '/v1/charge-records/8400060',
	'legacyChargeRecord getAll': '/v1/charge-records',
	'legacyChargeRecord getPage': '/v1/charge-records',
	'legacyChargeRecord download': '/v1/charge-records',
	'chargeRecord export': '/v2/charge-records',
	'transaction export': '/v2/transactions',
	'legacyChargeRecord export': '/v1/charge-records',
};

/** The cases of one parameter, for one operation. */
function casesOf(row: OperationEntry, leaf: INodeProperties): Case[] {
	if (row.operation.value === 'download' && leaf.name === 'answerFormat') return nothingSent('CSV');
	const cases = expectations[row.resource][leaf.name];
	if (!cases) throw new Error(`There is no expectation for ${nameOf(row)} ${leaf.name}`);
	return cases;
}

/** Only what the operation has: Get Page has no Return All, for example. */
function known(row: OperationEntry, values: INodeParameters): INodeParameters {
	const names = new Set(leavesOf(row).map(({ name }) => name));
	return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name))) as INodeParameters;
}

function queryOf({ query }: RecordedRequest): Sent {
	const names = [...new Set(query.keys())];
	return Object.fromEntries(
		names.map((name) => {
			const values = query.getAll(name);
			return [name, values.length > 1 ? values : values[0]];
		}),
	);
}

async function firstRequest(row: OperationEntry, values: INodeParameters): Promise<RecordedRequest> {
	const required = leavesOf(row).some(({ name }) => name === 'id') ? { id: '8400060' } : {};
	await house.runSpirii(placed(row, { ...required, ...known(row, values) }));
	const [request] = house.spirii.requests;
	expect(request).toMatchObject({ method: 'GET', path: paths[nameOf(row)], body: '', status: 200 });
	expect(request.headers.authorization).toBe(`Bearer ${house.spirii.key}`);
	const accept = row.operation.value === 'download' ? 'text/csv, */*' : 'application/json';
	expect(request.headers.accept).toBe(accept);
	return request;
}

describe.each(rows.map((row): [string, OperationEntry] => [`Spirii ${nameOf(row)}`, row]))('%s', (_, row) => {
	const start = always[nameOf(row)] ?? {};

	test('sends nothing but what it always sends when no parameter is set', async () => {
		expect(queryOf(await firstRequest(row, {}))).toEqual(start);
	});

	const single = leavesOf(row).flatMap((leaf) =>
		casesOf(row, leaf).map((one): [string, string, Case] => [leaf.name, JSON.stringify(one.given), one]),
	);
	test.each(single)('sends %s %s as documented, and nothing else', async (name, _given, one) => {
		const { given, sent, beside } = one;
		expect(queryOf(await firstRequest(row, { ...beside, [name]: given } as INodeParameters))).toEqual({
			...start,
			...sent,
		});
	});

	test('sends every value that the canvas offers for a choice', () => {
		for (const leaf of leavesOf(row)) {
			if (leaf.type !== 'options' || leaf.routing?.send === undefined) continue;
			const offered = (leaf.options as INodePropertyOptions[]).map(({ value }) => value);
			expect([leaf.name, casesOf(row, leaf).map(({ given }) => given)]).toEqual([leaf.name, offered]);
		}
	});

	const pairs = exclusions[row.resource];
	test.each([0, 1])(
		'sends all parameters together, of those that exclude each other number %i',
		async (left) => {
			const leftOut = new Set(pairs.map((pair) => pair[1 - left]));
			const values: INodeParameters = {};
			const sent: Sent = { ...start };
			for (const leaf of leavesOf(row)) {
				// How conditions are joined stands in the case of the filter in JSON.
				if (leftOut.has(leaf.name) || leaf.name === 'filterCombinator') continue;
				const [one] = casesOf(row, leaf);
				Object.assign(values, { [leaf.name]: one.given, ...one.beside });
				Object.assign(sent, one.sent);
			}
			expect(queryOf(await firstRequest(row, values))).toEqual(sent);
		},
	);
});

test('no expectation is left over from a parameter that has gone', () => {
	for (const [resource, cases] of Object.entries(expectations)) {
		const names = rows
			.filter((row) => row.resource === resource)
			.flatMap((row) => leavesOf(row).map(({ name }) => name));
		expect(Object.keys(cases).sort()).toEqual([...new Set(names)].sort());
	}
});
