import fc from 'fast-check';
import type { INodePropertyOptions } from 'n8n-workflow';

import { summarize as operation } from '../../../nodes/EvCharging/operations/summarize';
import { columnNames } from '../../../nodes/shared/session/columns';
import type { Cell, SessionRow } from '../../../nodes/shared/session/types';
import { summarize } from '../../../nodes/shared/reports/summary';
import { EVERY_GROUP, rowOf } from '../session/rows';

const SUMS = [
	'sessions',
	'energyKwh',
	'amountExclVat',
	'vatAmount',
	'amountInclVat',
	'durationSeconds',
	'chargingSeconds',
	'idleSeconds',
	'firstStartedAt',
	'firstSessionKey',
	'lastEndedAt',
	'lastSessionKey',
	'sessionsWithoutAmountExclVat',
	'sessionsWithoutAmountInclVat',
	'sessionsWithoutEnergy',
	'sessionsWithWarnings',
	'sessionsWithSettingsMissing',
	'sessionsDoubtful',
	'sessionsInvalid',
	'sessionsLeftOut',
];

/** A session of so many minutes, from a moment of March 2026 on. */
const session = (key: string, start: string, minutes: number, values: SessionRow): SessionRow => {
	const startedAt = `2026-03-${start}:00.000Z`;
	return rowOf({
		source: key.split(':')[0],
		sessionKey: key,
		status: 'completed',
		startedAt,
		endedAt: new Date(Date.parse(startedAt) + minutes * 60_000).toISOString(),
		billingMonth: '2026-03',
		durationSeconds: minutes * 60,
		...values,
	});
};

describe('a month of sessions', () => {
	const rows = [
		session('spirii:4', '09T06:15', 60, {
			currency: 'EUR',
			vatRatePct: 21,
			energyKwh: 30.125,
			amountInclVat: 12.1,
			amountExclVat: 10,
			vatAmount: 2.1,
			chargingSeconds: 3000,
			idleSeconds: 600,
		}),
		session('spirii:5', '01T23:00', 90, {
			currency: 'EUR',
			vatRatePct: 21,
			energyKwh: 0.1,
			amountInclVat: 0.2,
			amountExclVat: 0.17,
			vatAmount: 0.03,
			chargingSeconds: 1800,
			idleSeconds: 3600,
			warnings: 'meter-mismatch',
		}),
		session('spirii:6', '20T10:00', 1, {
			currency: 'EUR',
			vatRatePct: 21,
			energyKwh: 0.2,
			amountInclVat: 0.1,
			amountExclVat: 0.08,
			vatAmount: 0.02,
		}),
		session('spirii:7', '05T12:00', 30, {
			currency: 'EUR',
			vatRatePct: 9,
			amountInclVat: 10.9,
			amountExclVat: 10,
			vatAmount: 0.9,
			warnings: 'energy-unreadable;timezone-unknown',
		}),
		// Free, and unpriced: neither has a rate.
		session('spirii:8', '06T12:00', 30, {
			currency: 'EUR',
			energyKwh: 5,
			amountInclVat: 0,
			amountExclVat: 0,
			vatAmount: 0,
		}),
		session('spirii:9', '06T11:00', 30, { currency: 'EUR', energyKwh: 7 }),
		session('spirii:10', '07T12:00', 45, {
			currency: 'DKK',
			vatRatePct: 25,
			energyKwh: 13.79,
			amountInclVat: 31.02,
			amountExclVat: 24.82,
			vatAmount: 6.2,
		}),
		// With VAT only, as the old list has it.
		session('spirii:11', '08T12:00', 45, {
			currency: 'DKK',
			energyKwh: 11.36,
			amountInclVat: 25.56,
			warnings: 'no-vat',
		}),
		session('voltTime:4', '09T12:00', 15, { energyKwh: 9.12 }),
		session('spirii:12', '31T22:00', 240, {
			billingMonth: null,
			status: 'ongoing',
			endedAt: null,
			durationSeconds: null,
			currency: 'EUR',
			vatRatePct: 21,
			energyKwh: 1,
			amountInclVat: 1.21,
			amountExclVat: 1,
			vatAmount: 0.21,
		}),
	];
	const nothing = { chargingSeconds: null, idleSeconds: null };

	test('is one line per currency and VAT rate, with what was unknown counted', () => {
		expect(summarize(rows, ['billingMonth'])).toEqual([
			{
				totals: {
					billingMonth: '2026-03',
					currency: 'DKK',
					vatRatePct: 25,
					sessions: 1,
					energyKwh: 13.79,
					amountExclVat: 24.82,
					vatAmount: 6.2,
					amountInclVat: 31.02,
					durationSeconds: 2700,
					...nothing,
					firstStartedAt: '2026-03-07T12:00:00.000Z',
					firstSessionKey: 'spirii:10',
					lastEndedAt: '2026-03-07T12:45:00.000Z',
					lastSessionKey: 'spirii:10',
					sessionsWithoutAmountExclVat: 0,
					sessionsWithoutAmountInclVat: 0,
					sessionsWithoutEnergy: 0,
					sessionsWithWarnings: 0,
					sessionsWithSettingsMissing: 0,
					sessionsDoubtful: 0,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [6],
			},
			{
				totals: {
					billingMonth: '2026-03',
					currency: 'DKK',
					vatRatePct: null,
					sessions: 1,
					energyKwh: 11.36,
					amountExclVat: null,
					vatAmount: null,
					amountInclVat: 25.56,
					durationSeconds: 2700,
					...nothing,
					firstStartedAt: '2026-03-08T12:00:00.000Z',
					firstSessionKey: 'spirii:11',
					lastEndedAt: '2026-03-08T12:45:00.000Z',
					lastSessionKey: 'spirii:11',
					sessionsWithoutAmountExclVat: 1,
					sessionsWithoutAmountInclVat: 0,
					sessionsWithoutEnergy: 0,
					sessionsWithWarnings: 0,
					sessionsWithSettingsMissing: 1,
					sessionsDoubtful: 0,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [7],
			},
			{
				totals: {
					billingMonth: '2026-03',
					currency: 'EUR',
					vatRatePct: 9,
					sessions: 1,
					energyKwh: null,
					amountExclVat: 10,
					vatAmount: 0.9,
					amountInclVat: 10.9,
					durationSeconds: 1800,
					...nothing,
					firstStartedAt: '2026-03-05T12:00:00.000Z',
					firstSessionKey: 'spirii:7',
					lastEndedAt: '2026-03-05T12:30:00.000Z',
					lastSessionKey: 'spirii:7',
					sessionsWithoutAmountExclVat: 0,
					sessionsWithoutAmountInclVat: 0,
					sessionsWithoutEnergy: 1,
					sessionsWithWarnings: 1,
					sessionsWithSettingsMissing: 0,
					sessionsDoubtful: 1,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [3],
			},
			{
				totals: {
					billingMonth: '2026-03',
					currency: 'EUR',
					vatRatePct: 21,
					sessions: 3,
					energyKwh: 30.425,
					amountExclVat: 10.25,
					vatAmount: 2.15,
					amountInclVat: 12.4,
					durationSeconds: 9060,
					chargingSeconds: 4800,
					idleSeconds: 4200,
					firstStartedAt: '2026-03-01T23:00:00.000Z',
					firstSessionKey: 'spirii:5',
					lastEndedAt: '2026-03-20T10:01:00.000Z',
					lastSessionKey: 'spirii:6',
					sessionsWithoutAmountExclVat: 0,
					sessionsWithoutAmountInclVat: 0,
					sessionsWithoutEnergy: 0,
					sessionsWithWarnings: 1,
					sessionsWithSettingsMissing: 0,
					sessionsDoubtful: 1,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [0, 1, 2],
			},
			{
				totals: {
					billingMonth: '2026-03',
					currency: 'EUR',
					vatRatePct: null,
					sessions: 2,
					energyKwh: 12,
					amountExclVat: 0,
					vatAmount: 0,
					amountInclVat: 0,
					durationSeconds: 3600,
					...nothing,
					firstStartedAt: '2026-03-06T11:00:00.000Z',
					firstSessionKey: 'spirii:9',
					lastEndedAt: '2026-03-06T12:30:00.000Z',
					lastSessionKey: 'spirii:8',
					sessionsWithoutAmountExclVat: 1,
					sessionsWithoutAmountInclVat: 1,
					sessionsWithoutEnergy: 0,
					sessionsWithWarnings: 0,
					sessionsWithSettingsMissing: 0,
					sessionsDoubtful: 0,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [4, 5],
			},
			{
				totals: {
					billingMonth: '2026-03',
					currency: null,
					vatRatePct: null,
					sessions: 1,
					energyKwh: 9.12,
					amountExclVat: null,
					vatAmount: null,
					amountInclVat: null,
					durationSeconds: 900,
					...nothing,
					firstStartedAt: '2026-03-09T12:00:00.000Z',
					firstSessionKey: 'voltTime:4',
					lastEndedAt: '2026-03-09T12:15:00.000Z',
					lastSessionKey: 'voltTime:4',
					sessionsWithoutAmountExclVat: 1,
					sessionsWithoutAmountInclVat: 1,
					sessionsWithoutEnergy: 0,
					sessionsWithWarnings: 0,
					sessionsWithSettingsMissing: 0,
					sessionsDoubtful: 0,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [8],
			},
			{
				totals: {
					billingMonth: null,
					currency: 'EUR',
					vatRatePct: 21,
					sessions: 1,
					energyKwh: 1,
					amountExclVat: 1,
					vatAmount: 0.21,
					amountInclVat: 1.21,
					durationSeconds: null,
					...nothing,
					firstStartedAt: '2026-03-31T22:00:00.000Z',
					firstSessionKey: 'spirii:12',
					lastEndedAt: null,
					lastSessionKey: null,
					sessionsWithoutAmountExclVat: 0,
					sessionsWithoutAmountInclVat: 0,
					sessionsWithoutEnergy: 0,
					sessionsWithWarnings: 0,
					sessionsWithSettingsMissing: 0,
					sessionsDoubtful: 0,
					sessionsInvalid: 0,
					sessionsLeftOut: 0,
				},
				members: [9],
			},
		]);
	});

	test('has the columns of its groups first, then currency, VAT rate and the sums, always in that order', () => {
		for (const groups of [[], ['billingMonth'], ['city', 'source']]) {
			for (const { totals } of summarize(rows, groups)) {
				expect(Object.keys(totals)).toEqual([...groups, 'currency', 'vatRatePct', ...SUMS]);
			}
		}
	});

	test('is kept apart by currency and VAT rate when it is grouped by nothing, and once when by them', () => {
		const lines = (groups: string[]) =>
			summarize(rows, groups).map(({ totals: { currency, vatRatePct } }) => [currency, vatRatePct]);
		const expected = [
			['DKK', 25],
			['DKK', null],
			['EUR', 9],
			['EUR', 21],
			['EUR', null],
			[null, null],
		];
		expect(lines([])).toEqual(expected);
		expect(lines(['currency', 'currency'])).toEqual(expected);
		expect(Object.keys(summarize(rows, ['vatRatePct'])[0].totals).slice(0, 3)).toEqual([
			'vatRatePct',
			'currency',
			'sessions',
		]);
	});
});

test('of no sessions there is no line', () => {
	expect(summarize([], ['billingMonth'])).toEqual([]);
});

describe('sessions that are left out of the sums', () => {
	const line = { billingMonth: '2026-03', currency: 'EUR', vatRatePct: 25 };
	const of = (month: string, warnings: string) =>
		rowOf({ ...line, billingMonth: month, energyKwh: 10, amountInclVat: 5, amountExclVat: 4, warnings });
	const rows = [
		of('2026-03', ''),
		of('2026-03', 'energy-implausible;no-tariff'),
		of('2026-03', 'invalid-by-vendor'),
		of('2026-04', 'invalid-by-vendor'),
	];
	const isGood = ({ warnings }: SessionRow) => warnings === '';

	test('are counted in their line, and belong to it', () => {
		const [march, april] = summarize(rows, ['billingMonth'], { isSummed: isGood });
		expect(march.totals).toMatchObject({
			sessions: 1,
			energyKwh: 10,
			amountInclVat: 5,
			vatAmount: 1,
			sessionsWithWarnings: 0,
			sessionsDoubtful: 1,
			sessionsInvalid: 1,
			sessionsLeftOut: 2,
		});
		expect(march.members).toEqual([0, 1, 2]);
		// A line of nothing else is there all the same, without sums.
		expect(april.totals).toMatchObject({
			sessions: 0,
			energyKwh: null,
			amountInclVat: null,
			amountExclVat: null,
			vatAmount: null,
			firstStartedAt: null,
			sessionsInvalid: 1,
			sessionsLeftOut: 1,
		});
	});

	test('are none, where nothing is to be left out', () => {
		const [march] = summarize(rows, ['billingMonth']);
		expect(march.totals).toMatchObject({
			sessions: 3,
			energyKwh: 30,
			sessionsDoubtful: 1,
			sessionsLeftOut: 0,
		});
	});
});

describe('amounts', () => {
	const totalsOf = (currency: string | null, ...amounts: Array<[incl: number, excl: number]>) => {
		const rows = amounts.map(([amountInclVat, amountExclVat]) =>
			rowOf({ currency, vatRatePct: 21, amountInclVat, amountExclVat, vatAmount: 0 }),
		);
		const [{ totals }] = summarize(rows, []);
		return [totals.amountInclVat, totals.amountExclVat, totals.vatAmount];
	};

	test.each<[string, string | null, Array<[number, number]>, [number, number, number]]>([
		['are rounded once, at the end', 'EUR', Array(3).fill([0.4033, 0.3333]), [1.21, 1, 0.21]],
		[
			'are rounded half to even',
			'EUR',
			[
				[0.0625, 0.0625],
				[0.0625, 0.0725],
			],
			[0.12, 0.14, -0.02],
		],
		[
			'add up in each line: VAT is the difference of the other two',
			'EUR',
			[[1.2151, 1.0002]],
			[1.22, 1, 0.22],
		],
		[
			'of Japan are whole',
			'JPY',
			[
				[100.4, 90.4],
				[100.4, 90.4],
			],
			[201, 181, 20],
		],
		[
			'of Kuwait have three decimals',
			'KWD',
			[
				[1.2345, 1],
				[0.0001, 0],
			],
			[1.235, 1, 0.235],
		],
		['without a currency have two', null, [[1.005, 1.015]], [1, 1.02, -0.02]],
		[
			'of credits and charges cancel out',
			'EUR',
			[
				[31.02, 24.82],
				[-31.02, -24.82],
			],
			[0, 0, 0],
		],
	])('%s', (_, currency, amounts, expected) => {
		expect(totalsOf(currency, ...amounts)).toEqual(expected);
	});

	test('of which some sessions have only one: the VAT is that of the others', () => {
		const line = { currency: 'EUR', vatRatePct: 21 };
		const [{ totals }] = summarize(
			[
				rowOf({ ...line, amountInclVat: 12.1, amountExclVat: 10, vatAmount: 2.1 }),
				rowOf({ ...line, amountInclVat: 5 }),
				rowOf({ ...line, amountExclVat: 7 }),
			],
			[],
		);
		expect(totals).toMatchObject({
			amountInclVat: 17.1,
			amountExclVat: 17,
			vatAmount: 2.1,
			sessionsWithoutAmountExclVat: 1,
			sessionsWithoutAmountInclVat: 1,
		});
	});
});

test('lines are in order of their groups: numbers by size, text by its letters, nothing last', () => {
	const values: Cell[] = [null, 'b', 'B', 'a', '10', '9'];
	const cities = summarize(
		values.map((city) => rowOf({ city })),
		['city'],
	).map(({ totals: { city } }) => city);
	expect(cities).toEqual(['10', '9', 'B', 'a', 'b', null]);
	const rates = summarize(
		[21, null, 9, 100, 5.5].map((vatRatePct) => rowOf({ vatRatePct })),
		[],
	).map(({ totals: { vatRatePct } }) => vatRatePct);
	expect(rates).toEqual([5.5, 9, 21, 100, null]);
});

test('groups are told apart by what is in the cells, not by how they look in a row', () => {
	const rows = [
		rowOf({ city: 'a', locationName: null }),
		rowOf({ city: null, locationName: 'a' }),
		rowOf({ city: 'null', locationName: 'a' }),
		rowOf({ city: 'a","', locationName: '' }),
		rowOf({ city: 'a', locationName: '","' }),
	];
	expect(summarize(rows, ['city', 'locationName'])).toHaveLength(5);
});

/*
 * Any month.
 */

const options = operation.properties.find(({ name }) => name === 'groupBy')!
	.options as INodePropertyOptions[];
const GROUPS = options.map(({ value }) => value as string);

describe('an ID', () => {
	const lines = (groupBy: string[], ...cells: SessionRow[]) =>
		summarize(
			cells.map((values, index) => rowOf({ sessionKey: `spirii:${index}`, ...values })),
			groupBy,
		).map(({ totals }) => [
			...Object.values(totals).slice(0, Object.keys(totals).indexOf('currency')),
			totals.sessions,
		]);

	test('of a driver is one person for each vendor and kind of the ID', () => {
		expect(
			lines(
				['driverId'],
				{ source: 'spirii', driverId: '77', driverIdKind: 'customer' },
				{ source: 'spirii', driverId: '77', driverIdKind: 'appUser' },
				{ source: 'voltTime', driverId: '77', driverIdKind: 'appUser' },
				{ source: 'spirii', driverId: '77', driverIdKind: 'customer' },
			),
		).toEqual([
			['77', 'appUser', 'spirii', 1],
			['77', 'appUser', 'voltTime', 1],
			['77', 'customer', 'spirii', 2],
		]);
	});

	test.each(['chargerId', 'locationId', 'companyId', 'customerCompanyId'])(
		'in %s is one place or company for each vendor',
		(name) => {
			const cells = ['spirii', 'voltTime', 'spirii'].map((source) => ({ source, [name]: '9' }));
			expect(lines([name], ...cells)).toEqual([
				['9', 'spirii', 2],
				['9', 'voltTime', 1],
			]);
		},
	);

	test('of a tag is one card in whatever way it is written; masks and leading zeros count', () => {
		const tags = ['04AA', '04:aa', '04-AA ', '4AA', '****A', '****B'].map((tokenUid) => ({ tokenUid }));
		expect(lines(['tokenUid'], ...tags)).toEqual([
			['****A', 1],
			['****B', 1],
			['04AA', 3],
			['4AA', 1],
		]);
	});
});

test('whatever the user can group by is a column', () => {
	const columns = columnNames(EVERY_GROUP);
	expect(GROUPS.filter((name) => !columns.includes(name))).toEqual([]);
	expect(GROUPS).toEqual(
		expect.arrayContaining([
			'billingMonth',
			'companyName',
			'costCenter',
			'locationName',
			'chargerId',
			'tokenUid',
			'country',
		]),
	);
});

const oneOf = (...cells: Cell[]) => fc.constantFrom<Cell>(null, ...cells);
const keys: Record<string, fc.Arbitrary<Cell>> = Object.fromEntries(
	GROUPS.map((name) => [name, oneOf('one', 'ø "3", \n')]),
);
const flags = { isRoaming: oneOf(true, false), reimbursable: oneOf(true, false) };
const moment = fc
	.option(fc.integer({ min: 0, max: 1e6 }))
	.map((second) => (second === null ? null : new Date(1_770_000_000_000 + second * 1000).toISOString()));
const seconds = fc.option(fc.integer({ min: 0, max: 1e6 }));

/** Sessions with amounts of so many decimals; their numbers in whole units stand beside them. */
function anySessions(places: number) {
	const scale = 10 ** places;
	const amount = fc.option(fc.integer({ min: -scale * 100, max: scale * 10_000 }), { freq: 8 });
	const one = fc.record({
		...keys,
		...flags,
		currency: oneOf('EUR', 'DKK'),
		vatRatePct: fc.constantFrom<Cell>(null, 0, 21, 25),
		incl: amount,
		excl: amount,
		wattHours: fc.option(fc.integer({ min: 0, max: 100_000 })),
		startedAt: moment,
		endedAt: moment,
		durationSeconds: seconds,
		chargingSeconds: seconds,
		idleSeconds: seconds,
		warnings: fc.constantFrom('', 'no-vat', 'no-vat;no-tariff', 'invalid-by-vendor;overlapping'),
	});
	return fc.array(one, { maxLength: 25 }).map((sessions) =>
		sessions.map(({ incl, excl, wattHours, ...cells }, index) => ({
			incl,
			excl,
			wattHours,
			row: rowOf({
				...cells,
				sessionKey: `spirii:${index}`,
				energyKwh: wattHours === null ? null : wattHours / 1000,
				amountInclVat: incl === null ? null : incl / scale,
				amountExclVat: excl === null ? null : excl / scale,
				vatAmount: incl === null || excl === null ? null : (incl - excl) / scale,
			}),
		})),
	);
}

type Sessions = ReturnType<typeof anySessions> extends fc.Arbitrary<infer Value> ? Value : never;

const lineOf = ({ currency, vatRatePct }: SessionRow) => JSON.stringify([currency, vatRatePct]);
/** In whole parts of a unit. */
const whole = (cell: Cell, unit: number) => (cell === null ? 0 : Math.round((cell as number) * unit));
const add = (values: Array<number | null>) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
// Few columns make large groups, many make small ones.
const groups = fc.oneof(fc.subarray(GROUPS, { maxLength: 2 }), fc.subarray(GROUPS));
const runs = { numRuns: 1000 };

const expectedOf = (sessions: Sessions) => ({
	sessions: sessions.length,
	incl: add(sessions.map(({ incl }) => incl)),
	excl: add(sessions.map(({ excl }) => excl)),
	vat: add(sessions.map(({ incl, excl }) => (incl === null || excl === null ? 0 : incl - excl))),
	wattHours: add(sessions.map(({ wattHours }) => wattHours)),
	seconds: add(sessions.map(({ row }) => row.durationSeconds as number | null)),
	charging: add(sessions.map(({ row }) => row.chargingSeconds as number | null)),
	idle: add(sessions.map(({ row }) => row.idleSeconds as number | null)),
	withoutExcl: sessions.filter(({ excl }) => excl === null).length,
	withoutIncl: sessions.filter(({ incl }) => incl === null).length,
	withoutEnergy: sessions.filter(({ wattHours }) => wattHours === null).length,
	warned: sessions.filter(({ row }) => /no-tariff|overlapping/.test(row.warnings as string)).length,
	unset: sessions.filter(({ row }) => String(row.warnings).startsWith('no-vat')).length,
	doubtful: sessions.filter(({ row }) => String(row.warnings).endsWith('overlapping')).length,
	invalid: sessions.filter(({ row }) => String(row.warnings).startsWith('invalid')).length,
});

const givenOf = (lines: SessionRow[]) => {
	const sum = (column: string, unit = 1) => add(lines.map((line) => whole(line[column], unit)));
	return {
		sessions: sum('sessions'),
		incl: sum('amountInclVat', 100),
		excl: sum('amountExclVat', 100),
		vat: sum('vatAmount', 100),
		wattHours: sum('energyKwh', 1000),
		seconds: sum('durationSeconds'),
		charging: sum('chargingSeconds'),
		idle: sum('idleSeconds'),
		withoutExcl: sum('sessionsWithoutAmountExclVat'),
		withoutIncl: sum('sessionsWithoutAmountInclVat'),
		withoutEnergy: sum('sessionsWithoutEnergy'),
		warned: sum('sessionsWithWarnings'),
		unset: sum('sessionsWithSettingsMissing'),
		doubtful: sum('sessionsDoubtful'),
		invalid: sum('sessionsInvalid'),
	};
};

describe('any sessions, grouped by any columns', () => {
	test('give the same totals for each currency and VAT rate, to the cent', () => {
		fc.assert(
			fc.property(anySessions(2), groups, (sessions, groupBy) => {
				const lines = summarize(
					sessions.map(({ row }) => row),
					groupBy,
				).map(({ totals }) => totals);
				const kinds = new Set(sessions.map(({ row }) => lineOf(row)));
				expect(new Set(lines.map(lineOf))).toEqual(kinds);
				for (const kind of kinds) {
					expect(givenOf(lines.filter((line) => lineOf(line) === kind))).toEqual(
						expectedOf(sessions.filter(({ row }) => lineOf(row) === kind)),
					);
				}
			}),
			runs,
		);
	});

	test('are each in one line, under their own groups', () => {
		fc.assert(
			fc.property(anySessions(2), groups, (sessions, groupBy) => {
				const rows = sessions.map(({ row }) => row);
				const summaries = summarize(rows, groupBy);
				const members = summaries.flatMap((summary) => summary.members);
				expect([...members].sort((one, other) => one - other)).toEqual(rows.map((_, index) => index));
				for (const { totals, members: own } of summaries) {
					expect(own).toHaveLength(totals.sessions as number);
					const keyOf = (row: SessionRow) => [...groupBy, 'currency', 'vatRatePct'].map((name) => row[name]);
					expect(own.map((index) => keyOf(rows[index]))).toEqual(own.map(() => keyOf(totals)));
				}
			}),
			runs,
		);
	});

	test('give the same lines in any order', () => {
		const shuffled = anySessions(4).chain((sessions) =>
			fc.tuple(
				fc.constant(sessions),
				fc.shuffledSubarray(sessions, { minLength: sessions.length, maxLength: sessions.length }),
			),
		);
		// Of several sessions at one first or last moment, any may be named.
		const compared = (totals: SessionRow) => ({ ...totals, firstSessionKey: null, lastSessionKey: null });
		fc.assert(
			fc.property(shuffled, groups, ([one, other], groupBy) => {
				const [a, b] = [one, other].map((sessions) =>
					summarize(
						sessions.map(({ row }) => row),
						groupBy,
					).map(({ totals }) => compared(totals)),
				);
				expect(b).toEqual(a);
			}),
			runs,
		);
	});

	test('of four decimals are within half a cent of the exact sum', () => {
		fc.assert(
			fc.property(anySessions(4), groups, (sessions, groupBy) => {
				for (const { totals, members } of summarize(
					sessions.map(({ row }) => row),
					groupBy,
				)) {
					const own = members.map((index) => sessions[index]);
					const pairs: Array<[Cell, Array<number | null>]> = [
						[totals.amountInclVat, own.map(({ incl }) => incl)],
						[totals.amountExclVat, own.map(({ excl }) => excl)],
					];
					for (const [total, amounts] of pairs) {
						// What no session says has no sum.
						expect(total === null).toBe(amounts.every((amount) => amount === null));
						expect(Math.abs(whole(total, 10_000) - add(amounts))).toBeLessThanOrEqual(50);
						// And has no more decimals than the currency.
						expect(Number.isInteger(whole(total, 10_000) / 100)).toBe(true);
					}
				}
			}),
			runs,
		);
	});

	test('add up in each line: net and VAT are gross where every session has both', () => {
		const complete = anySessions(4).map((sessions) =>
			sessions.filter(({ incl, excl }) => incl !== null && excl !== null),
		);
		fc.assert(
			fc.property(complete, groups, (sessions, groupBy) => {
				for (const { totals } of summarize(
					sessions.map(({ row }) => row),
					groupBy,
				)) {
					expect(totals.sessionsWithoutAmountInclVat).toBe(0);
					const { amountInclVat, amountExclVat, vatAmount } = totals;
					expect(whole(amountExclVat, 100) + whole(vatAmount, 100)).toBe(whole(amountInclVat, 100));
				}
			}),
			runs,
		);
	});

	test('begin with the first and end with the last of their sessions', () => {
		fc.assert(
			fc.property(anySessions(2), groups, (sessions, groupBy) => {
				const rows = sessions.map(({ row }) => row);
				for (const { totals, members } of summarize(rows, groupBy)) {
					const times = (column: string) =>
						members
							.map((index) => rows[index][column])
							.filter(Boolean)
							.sort();
					expect(totals.firstStartedAt).toBe(times('startedAt')[0] ?? null);
					expect(totals.lastEndedAt).toBe(times('endedAt').at(-1) ?? null);
					const named = (key: Cell) => rows.find(({ sessionKey }) => sessionKey === key);
					expect(named(totals.firstSessionKey)?.startedAt ?? null).toBe(totals.firstStartedAt);
					expect(named(totals.lastSessionKey)?.endedAt ?? null).toBe(totals.lastEndedAt);
				}
			}),
			runs,
		);
	});
});
