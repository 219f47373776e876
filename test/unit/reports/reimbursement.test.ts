import fc from 'fast-check';

import { decimalsOf } from '../../../nodes/shared/util/decimal';
import {
	LEFT_OUT,
	reimburse,
	type PriceRule,
	type ReimbursementSettings,
	type Statement,
} from '../../../nodes/shared/reports/reimbursement';
import type { Cell, SessionRow } from '../../../nodes/shared/session/types';
import { rowOf } from '../session/rows';

const ONE_PRICE = [{ firstDay: '', perKwh: 0.34 }];
const FIXED: PriceRule = { from: 'settings', currency: 'EUR', prices: ONE_PRICE };
const SETTINGS: ReimbursementSettings = { per: 'driver', price: FIXED, sites: new Set(['home-1']) };

/** A session at home, on a day of March 2026, that counts unless the values say otherwise. */
function atHome(day: string, values: SessionRow = {}): SessionRow {
	return rowOf({
		source: 'spirii',
		sessionKey: `spirii:${day}`,
		status: 'completed',
		startedAt: `2026-03-${day}T18:00:00.000Z`,
		endedAt: `2026-03-${day}T22:00:00.000Z`,
		localDate: `2026-03-${day}`,
		billingMonth: '2026-03',
		locationId: 'home-1',
		locationName: 'Uilenburg 12',
		chargerId: 'box-1',
		evseId: 'NL*TST*E1*1',
		connectorId: '1',
		energyKwh: 10,
		driverId: 'driver-1',
		driverName: 'Zoë van der Meer',
		tokenUid: 'tag-1',
		...values,
	});
}

const statements = (rows: SessionRow[], settings: Partial<ReimbursementSettings> = {}) =>
	reimburse(rows, { ...SETTINGS, ...settings });
/** The one statement of sessions that make one. */
function statementOf(rows: SessionRow[], settings: Partial<ReimbursementSettings> = {}): Statement {
	const made = statements(rows, settings);
	expect(made).toHaveLength(1);
	return made[0];
}

describe('a statement', () => {
	const rows = [
		atHome('20', { meterStartKwh: 117.5, meterStopKwh: 120, energyKwh: 2.5 }),
		atHome('03', { meterStartKwh: 100, meterStopKwh: 110, energyKwh: 10 }),
		atHome('09', { meterStartKwh: 112, meterStopKwh: 117.5, energyKwh: 5.5 }),
		atHome('10', { locationId: 'street', chargerId: 'box-9', evseId: 'NL*TST*E9*1' }),
		atHome('25', { status: 'ongoing', endedAt: null }),
		atHome('11', { locationId: 'street', chargerId: 'box-9', evseId: 'NL*TST*E9*1' }),
	];

	test('of a driver has sessions, meter, energy, price, amount, and what was left out and why', () => {
		expect(statementOf(rows).statement).toEqual({
			billingMonth: '2026-03',
			driver: 'driver-1',
			driverName: 'Zoë van der Meer',
			sessions: 3,
			firstStartedAt: '2026-03-03T18:00:00.000Z',
			lastEndedAt: '2026-03-20T22:00:00.000Z',
			meterStartKwh: 100,
			meterStopKwh: 120,
			otherKwh: 2,
			energyKwh: 18,
			pricePerKwh: 0.34,
			amount: 6.12,
			currency: 'EUR',
			leftOut: 3,
			leftOutReasons: 'other-site: 2; running: 1',
		});
	});

	test('of a charger names the place instead of a person', () => {
		const { statement } = statementOf(rows.slice(0, 3), { per: 'charger' });
		expect(Object.keys(statement).slice(0, 4)).toEqual([
			'billingMonth',
			'charger',
			'locationName',
			'sessions',
		]);
		expect(statement).toMatchObject({ charger: 'box-1', locationName: 'Uilenburg 12', amount: 6.12 });
		expect(JSON.stringify(statement)).not.toMatch(/Zoë|driver-1|tag-1/);
	});

	test('lists its sessions in order of their starts, then what was left out', () => {
		const { sessions, members } = statementOf(rows);
		const at = (day: string, values: SessionRow) => ({
			sessionKey: `spirii:${day}`,
			startedAt: `2026-03-${day}T18:00:00.000Z`,
			endedAt: `2026-03-${day}T22:00:00.000Z`,
			charger: 'box-1',
			meterStartKwh: null,
			meterStopKwh: null,
			energyKwh: 10,
			pricePerKwh: 0.34,
			leftOut: null,
			...values,
		});
		const other = { charger: 'box-9', pricePerKwh: null, leftOut: 'other-site' };
		expect(sessions).toEqual([
			at('03', { meterStartKwh: 100, meterStopKwh: 110 }),
			at('09', { meterStartKwh: 112, meterStopKwh: 117.5, energyKwh: 5.5 }),
			at('20', { meterStartKwh: 117.5, meterStopKwh: 120, energyKwh: 2.5 }),
			at('10', other),
			at('25', { endedAt: null, pricePerKwh: null, leftOut: 'running' }),
			at('11', other),
		]);
		expect(members).toEqual([0, 1, 2, 3, 4, 5]);
	});

	test('of nothing but what was left out pays nothing', () => {
		expect(statementOf([rows[3]]).statement).toMatchObject({
			billingMonth: '2026-03',
			driver: 'driver-1',
			sessions: 0,
			firstStartedAt: null,
			lastEndedAt: null,
			meterStartKwh: null,
			meterStopKwh: null,
			otherKwh: null,
			energyKwh: 0,
			pricePerKwh: null,
			amount: 0,
			leftOut: 1,
			leftOutReasons: 'other-site: 1',
		});
	});

	test('of no sessions is none', () => {
		expect(statements([])).toEqual([]);
	});
});

describe('whose a statement is', () => {
	test.each<[string, SessionRow, string]>([
		['the ID of the driver', {}, 'driver-1'],
		['the ID tag where there is no ID', { driverId: null }, 'tag-1'],
		[
			'the contract where there is neither',
			{ driverId: null, tokenUid: null, contractId: 'NL-TST-C1' },
			'NL-TST-C1',
		],
	])('is told by %s', (_, values, driver) => {
		expect(statementOf([atHome('03', values)]).statement.driver).toBe(driver);
	});

	test.each<[string, SessionRow, string]>([
		['the charger', {}, 'box-1'],
		['the EVSE where no charger is known', { chargerId: null }, 'NL*TST*E1*1'],
	])('is told by %s', (_, values, charger) => {
		expect(statementOf([atHome('03', values)], { per: 'charger' }).statement.charger).toBe(charger);
	});

	test('is called by the label of the tag where no name is known', () => {
		const row = atHome('03', { driverName: null, tokenLabel: 'Zoë, blue' });
		expect(statementOf([row]).statement.driverName).toBe('Zoë, blue');
	});

	test('keeps drivers and months apart, in order, nobody last', () => {
		const rows = [
			atHome('31', { billingMonth: '2026-04' }),
			atHome('04', { driverId: null, tokenUid: null }),
			atHome('03', { driverId: 'driver-2' }),
			atHome('02'),
		];
		expect(
			statements(rows).map(({ statement: { billingMonth, driver, sessions }, members }) => [
				billingMonth,
				driver,
				sessions,
				members,
			]),
		).toEqual([
			['2026-03', 'driver-1', 1, [3]],
			['2026-03', 'driver-2', 1, [2]],
			['2026-03', null, 0, [1]],
			['2026-04', 'driver-1', 1, [0]],
		]);
	});

	test('is not the same for two chargers that two vendors give one number', () => {
		const rows = [
			atHome('03', { chargerId: '25' }),
			atHome('04', { source: 'voltTime', sessionKey: 'voltTime:4', chargerId: '25', locationId: null }),
		];
		const made = statements(rows, { per: 'charger', sites: new Set(['25']) });
		expect(made.map(({ members }) => members)).toEqual([[0], [1]]);
	});

	test('is not known where drivers are masked: one mask hides many', () => {
		const masked = { driverName: '****', tokenUid: null, driverId: '****' };
		const { statement } = statementOf([atHome('03', masked), atHome('04', masked)]);
		expect(statement).toMatchObject({ sessions: 0, amount: 0, leftOutReasons: 'no-owner: 2' });
	});
});

describe('what is left out', () => {
	const NOBODY = { driverId: null, tokenUid: null, contractId: null };
	const record: PriceRule = { from: 'record' };
	const later: PriceRule = {
		from: 'settings',
		currency: 'EUR',
		prices: [{ firstDay: '2026-03-04', perKwh: 0.34 }],
	};
	const cases: Array<[keyof typeof LEFT_OUT, string, SessionRow, Partial<ReimbursementSettings>]> = [
		['running', 'has not ended', { status: 'ongoing', endedAt: null }, {}],
		['other-site', 'is at a site that is not listed', { locationId: 'street' }, {}],
		['other-site', 'is at no known site', { locationId: null, chargerId: null, evseId: null }, {}],
		['other-site', 'is at a site that is not marked', { reimbursable: false }, { sites: 'marked' }],
		['other-site', 'is at a site of which no mark is known', {}, { sites: 'marked' }],
		['no-energy', 'has no energy', { energyKwh: 0 }, {}],
		['no-energy', 'has an unknown energy', { energyKwh: null }, {}],
		['no-energy', 'gave energy back', { energyKwh: -3 }, {}],
		['no-owner', 'is nobody’s', NOBODY, {}],
		['no-owner', 'is at no charger', { chargerId: null, evseId: null }, { per: 'charger' }],
		['no-month', 'was at an unknown time', { billingMonth: null, localDate: null }, {}],
		['no-price', 'was before the first price', {}, { price: later }],
		['no-price', 'has no price of its own', { currency: 'EUR' }, { price: record }],
		['no-currency', 'has a price without a currency', { pricePerKwh: 0.3 }, { price: record }],
	];

	test.each(cases)('%s: a session that %s', (reason, _, values, settings) => {
		const { statement, sessions } = statementOf([atHome('03', values)], settings);
		expect(statement).toMatchObject({ sessions: 0, amount: 0, leftOut: 1, leftOutReasons: `${reason}: 1` });
		expect(sessions).toMatchObject([{ sessionKey: 'spirii:03', pricePerKwh: null, leftOut: reason }]);
		// And the same session without the flaw is paid for.
		const flawless = { ...values, ...atHome('05'), currency: 'EUR', pricePerKwh: 0.3, reimbursable: true };
		expect(statementOf([flawless], settings).statement).toMatchObject({
			sessions: 1,
			leftOut: 0,
			leftOutReasons: '',
		});
	});

	test('has a case for every reason', () => {
		expect(new Set(cases.map(([reason]) => reason))).toEqual(new Set(Object.keys(LEFT_OUT)));
	});

	test('has one reason only, the first that applies', () => {
		const order = Object.keys(LEFT_OUT);
		const flaws: SessionRow[] = [
			{ status: 'ongoing' },
			{ locationId: null },
			{ energyKwh: 0 },
			NOBODY,
			{ billingMonth: null },
			{ pricePerKwh: null },
			{ currency: null },
		];
		const whole = { currency: 'EUR', pricePerKwh: 0.3 };
		flaws.forEach((_, first) => {
			const row = atHome('03', Object.assign({}, whole, ...flaws.slice(first)) as SessionRow);
			const { statement } = statementOf([row], { price: record });
			expect(statement.leftOutReasons).toBe(`${order[first]}: 1`);
		});
	});

	test('stands once, also where a month has several statements', () => {
		const rows = [
			atHome('03', { currency: 'EUR', pricePerKwh: 0.3 }),
			atHome('04', { currency: 'DKK', pricePerKwh: 2.3 }),
			atHome('05', { currency: 'DKK' }),
		];
		const made = statements(rows, { price: record });
		expect(made).toHaveLength(2);
		expect(made.map(({ statement }) => statement.leftOut).sort()).toEqual([0, 1]);
		expect(made.flatMap(({ sessions }) => sessions.map(({ sessionKey }) => sessionKey)).sort()).toEqual([
			'spirii:03',
			'spirii:04',
			'spirii:05',
		]);
	});
});

describe('sites to pay for', () => {
	test.each<[string, SessionRow]>([
		['location', { locationId: 'listed' }],
		['charger', { chargerId: 'listed' }],
		['EVSE', { evseId: 'listed' }],
	])('are listed by the ID of a %s', (_, values) => {
		expect(statementOf([atHome('03', values)], { sites: new Set(['listed']) }).statement.sessions).toBe(1);
	});

	test('are all of them, or those that the vendor marks', () => {
		const row = atHome('03', { locationId: null, chargerId: null, evseId: null });
		expect(statementOf([row], { sites: 'all' }).statement.sessions).toBe(1);
		expect(statementOf([{ ...row, reimbursable: true }], { sites: 'marked' }).statement.sessions).toBe(1);
	});
});

describe('the price', () => {
	const list: PriceRule = {
		from: 'settings',
		currency: 'EUR',
		prices: [
			{ firstDay: '2026-01-01', perKwh: 0.3 },
			{ firstDay: '2026-03-16', perKwh: 0.36 },
		],
	};

	test('that changes in mid-month makes two statements, the earlier first, each with its own meter', () => {
		const rows = [
			atHome('15', { meterStartKwh: 100, meterStopKwh: 110 }),
			atHome('16', { meterStartKwh: 111, meterStopKwh: 121 }),
			atHome('31', { meterStartKwh: 121, meterStopKwh: 131 }),
			atHome('17', { status: 'ongoing' }),
		];
		const made = statements(rows, { price: list });
		expect(made.map(({ members }) => members.length)).toEqual([2, 2]);
		const [march1, march16] = made.map(({ statement }) => statement);
		expect(march1).toMatchObject({
			sessions: 1,
			meterStartKwh: 100,
			meterStopKwh: 110,
			otherKwh: 0,
			energyKwh: 10,
			pricePerKwh: 0.3,
			amount: 3,
			leftOutReasons: 'running: 1',
		});
		expect(march16).toMatchObject({
			sessions: 2,
			meterStartKwh: 111,
			meterStopKwh: 131,
			otherKwh: 0,
			energyKwh: 20,
			pricePerKwh: 0.36,
			amount: 7.2,
			leftOutReasons: '',
		});
	});

	test.each<[string, number | null]>([
		['2025-12-31', null],
		['2026-01-01', 0.3],
		['2026-03-15', 0.3],
		['2026-03-16', 0.36],
		['2030-01-01', 0.36],
	])('of %s is that of the last entry on or before the day: %p', (localDate, price) => {
		const { statement } = statementOf([atHome('03', { localDate })], { price: list });
		expect(statement).toMatchObject({
			pricePerKwh: price,
			leftOutReasons: price === null ? 'no-price: 1' : '',
		});
	});

	test('that changes to the same price changes nothing', () => {
		const prices = [
			{ firstDay: '', perKwh: 0.34 },
			{ firstDay: '2026-03-16', perKwh: 0.34 },
		];
		const price: PriceRule = { from: 'settings', currency: 'EUR', prices };
		expect(statementOf([atHome('15'), atHome('16')], { price }).statement.amount).toBe(6.8);
	});

	test('of the record is that of each session, in one statement per currency', () => {
		const rows = [
			atHome('03', { currency: 'EUR', pricePerKwh: 0.3 }),
			atHome('04', { currency: 'EUR', pricePerKwh: 0.405 }),
			atHome('05', { currency: 'DKK', pricePerKwh: 2.3, energyKwh: 3 }),
			atHome('06', { currency: 'DKK', pricePerKwh: 2.3, energyKwh: 4 }),
		];
		const made = statements(rows, { price: { from: 'record' } }).map(({ statement }) => statement);
		expect(made).toMatchObject([
			{ currency: 'DKK', sessions: 2, energyKwh: 7, pricePerKwh: 2.3, amount: 16.1 },
			// Of several prices there is none to show.
			{ currency: 'EUR', sessions: 2, energyKwh: 20, pricePerKwh: null, amount: 7.05 },
		]);
	});

	test('of nothing is a price', () => {
		const row = atHome('03', { currency: 'EUR', pricePerKwh: 0 });
		expect(statementOf([row], { price: { from: 'record' } }).statement).toMatchObject({
			sessions: 1,
			pricePerKwh: 0,
			amount: 0,
			leftOut: 0,
		});
	});

	test('and the currency are those of the settings, whatever the record says', () => {
		const row = atHome('03', { currency: 'DKK', pricePerKwh: 2.3 });
		expect(statementOf([row]).statement).toMatchObject({ currency: 'EUR', pricePerKwh: 0.34, amount: 3.4 });
	});
});

describe('the amount', () => {
	test.each<[string, number[], number, string, number]>([
		['is rounded once, not session by session', [0.5, 0.5, 0.5], 0.01, 'EUR', 0.02],
		['goes to the even cent from the middle: down', [0.5], 0.25, 'EUR', 0.12],
		['goes to the even cent from the middle: up', [1.5], 0.25, 'EUR', 0.38],
		['is exact where doubles are not', [1.1, 1.1, 1.1], 1.1, 'EUR', 3.63],
		['has the decimals of the currency: none', [1.5], 31, 'JPY', 46],
		['has the decimals of the currency: three', [1.234], 0.567, 'KWD', 0.7],
	])('%s', (_, energies, perKwh, currency, amount) => {
		const rows = energies.map((energyKwh, index) => atHome(String(10 + index), { energyKwh }));
		const price: PriceRule = { from: 'settings', currency, prices: [{ firstDay: '', perKwh }] };
		expect(statementOf(rows, { price }).statement.amount).toBe(amount);
	});
});

describe('the meter', () => {
	const first = atHome('03', { meterStartKwh: 100.1, meterStopKwh: 110.1 });
	const second = atHome('09', { meterStartKwh: 110.3, meterStopKwh: 120.3 });

	test.each<[string, SessionRow[], SessionRow]>([
		[
			'from the first to the last session',
			[first, second],
			{ meterStartKwh: 100.1, meterStopKwh: 120.3, otherKwh: 0.2 },
		],
		[
			'in whatever order they come',
			[second, first],
			{ meterStartKwh: 100.1, meterStopKwh: 120.3, otherKwh: 0.2 },
		],
		['of one session', [first], { meterStartKwh: 100.1, meterStopKwh: 110.1, otherKwh: 0 }],
		[
			'that was set back shows it',
			[first, { ...second, meterStartKwh: 0, meterStopKwh: 10 }],
			{ meterStartKwh: 100.1, meterStopKwh: 10, otherKwh: -110.1 },
		],
	])('is read %s', (_, rows, expected) => {
		expect(statementOf(rows).statement).toMatchObject(expected);
	});

	test.each<[string, SessionRow[]]>([
		['the charger is another', [first, { ...second, chargerId: 'box-2' }]],
		['the EVSE is another', [first, { ...second, evseId: 'NL*TST*E2*1' }]],
		['the connector is another', [first, { ...second, connectorId: '2' }]],
		['the first start is not known', [{ ...first, meterStartKwh: null }, second]],
		['the last stop is not known', [first, { ...second, meterStopKwh: null }]],
	])('is not told where %s', (_, rows) => {
		expect(statementOf(rows).statement).toMatchObject({
			sessions: 2,
			energyKwh: 20,
			meterStartKwh: null,
			meterStopKwh: null,
			otherKwh: null,
		});
	});

	test('counts what was left out, too: the difference is told', () => {
		const left = atHome('05', { meterStartKwh: 110.1, meterStopKwh: 110.3, energyKwh: 0 });
		expect(statementOf([first, left, second]).statement).toMatchObject({ leftOut: 1, otherKwh: 0.2 });
	});

	test('is the same in whatever order sessions come, also where a start is not known', () => {
		const unknown = atHome('12', { startedAt: null, meterStartKwh: 120.3, meterStopKwh: 130.3 });
		const rows = [first, second, unknown];
		const orders = [
			[0, 1, 2],
			[0, 2, 1],
			[1, 0, 2],
			[1, 2, 0],
			[2, 0, 1],
			[2, 1, 0],
		];
		const meters = orders.map((order) => {
			const { meterStartKwh, meterStopKwh } = statementOf(order.map((index) => rows[index])).statement;
			return [meterStartKwh, meterStopKwh];
		});
		expect(meters).toEqual(meters.map(() => meters[0]));
	});
});

/*
 * Any month.
 */

const oneOf = (...cells: Cell[]) => fc.constantFrom<Cell>(null, ...cells);

/** A session, most of which can be paid for. */
const anySession = fc
	.record({
		status: fc.constantFrom<Cell>('completed', 'completed', 'completed', 'ongoing', null),
		day: fc.option(fc.integer({ min: 0, max: 89 }), { freq: 10 }),
		minute: fc.integer({ min: 0, max: 1439 }),
		wattHours: fc.option(fc.integer({ min: -1000, max: 90_000 }), { freq: 10 }),
		driverId: oneOf('driver-1', 'driver-2'),
		tokenUid: oneOf('tag-1', 'driver-1'),
		contractId: oneOf('contract-1'),
		locationId: oneOf('home-1', 'home-2', 'street'),
		chargerId: oneOf('box-1', 'box-2'),
		evseId: oneOf('evse-1', 'evse-2'),
		connectorId: oneOf('1'),
		reimbursable: oneOf(true, false),
		currency: oneOf('EUR', 'DKK', 'JPY'),
		tenthsOfMills: fc.option(fc.integer({ min: 0, max: 30_000 }), { freq: 8 }),
		meter: fc.option(fc.integer({ min: 0, max: 1e8 })),
	})
	.map(({ day, minute, wattHours, tenthsOfMills, meter, ...cells }) => {
		const start = day === null ? null : Date.UTC(2026, 0, 1 + day, 0, minute);
		const startedAt = start === null ? null : new Date(start).toISOString();
		return rowOf({
			...cells,
			source: 'spirii',
			startedAt,
			endedAt: startedAt,
			localDate: startedAt && startedAt.slice(0, 10),
			billingMonth: startedAt && startedAt.slice(0, 7),
			energyKwh: wattHours === null ? null : wattHours / 1000,
			pricePerKwh: tenthsOfMills === null ? null : tenthsOfMills / 10_000,
			meterStartKwh: meter === null ? null : meter / 1000,
			meterStopKwh: meter === null || wattHours === null ? null : (meter + wattHours) / 1000,
		});
	});

/** Up to twenty sessions, each with a key of its own. */
const anySessions = fc
	.array(anySession, { maxLength: 20 })
	.map((rows) => rows.map((row, index): SessionRow => ({ ...row, sessionKey: `spirii:${index}` })));

const days = fc.uniqueArray(fc.integer({ min: 0, max: 89 }), { maxLength: 4 });
const priceList = fc
	.tuple(days, fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 5, maxLength: 5 }))
	.map(([first, prices]) =>
		first
			.sort((one, other) => one - other)
			.map((day, index) => ({
				firstDay: new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10),
				perKwh: prices[index] / 10_000,
			})),
	);
const anySettings: fc.Arbitrary<ReimbursementSettings> = fc.record({
	per: fc.constantFrom('driver' as const, 'charger' as const),
	price: fc.oneof(
		fc.constant<PriceRule>({ from: 'record' }),
		fc
			.tuple(fc.constantFrom('EUR', 'JPY', 'KWD'), fc.oneof(priceList, fc.constant(ONE_PRICE)))
			.map(([currency, prices]): PriceRule => ({ from: 'settings', currency, prices })),
	),
	sites: fc.constantFrom<ReimbursementSettings['sites']>(
		'all',
		'all',
		'marked',
		new Set(['home-1', 'box-2', 'evse-2']),
		new Set<string>(),
	),
});

/** Units of 10^-7 (watt-hours times tenths of a mill), half to even, as the nearest double. */
function rounded(units: bigint, places: number): number {
	const step = 10n ** BigInt(7 - places);
	const [floor, rest] = [units / step, units % step];
	const isUp = rest * 2n > step || (rest * 2n === step && (floor & 1n) === 1n);
	return Number(`${isUp ? floor + 1n : floor}e-${places}`);
}

const whole = (cell: Cell, unit: number) => BigInt(Math.round((cell as number) * unit));
const runs = { numRuns: 2000 };

describe('of any sessions', () => {
	const anyMonth = fc.tuple(anySessions, anySettings);

	test('each is in exactly one statement, of its own month and owner, paid for or left out', () => {
		fc.assert(
			fc.property(anyMonth, ([rows, settings]) => {
				const made = reimburse(rows, settings);
				const members = made.flatMap((one) => one.members).sort((one, other) => one - other);
				expect(members).toEqual(rows.map((_, index) => index));
				for (const { statement, sessions: listed, members: own } of made) {
					expect((statement.sessions as number) + (statement.leftOut as number)).toBe(own.length);
					expect(listed.filter(({ leftOut }) => leftOut === null)).toHaveLength(statement.sessions as number);
					expect(listed.map(({ sessionKey }) => sessionKey).sort()).toEqual(
						own.map((index) => rows[index].sessionKey).sort(),
					);
					for (const index of own) {
						const { driverId, tokenUid, contractId, chargerId, evseId, billingMonth } = rows[index];
						const [owner, named] =
							settings.per === 'driver'
								? [driverId ?? tokenUid ?? contractId, statement.driver]
								: [chargerId ?? evseId, statement.charger];
						expect([named, statement.billingMonth]).toEqual([owner, billingMonth]);
					}
					const reasons = String(statement.leftOutReasons).split('; ').filter(Boolean);
					const counts = reasons.map((reason) => reason.split(': '));
					expect(counts.every(([code]) => code in LEFT_OUT)).toBe(true);
					expect(counts.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(statement.leftOut);
				}
			}),
			runs,
		);
	});

	test('the amount is energy times price, rounded half to even at the end', () => {
		fc.assert(
			fc.property(anyMonth, ([rows, settings]) => {
				const rule = settings.price;
				for (const { statement, sessions: listed } of reimburse(rows, settings)) {
					const places = decimalsOf(statement.currency as string | null);
					// What the list says of each session that is paid for …
					const paid = listed.filter(({ leftOut }) => leftOut === null);
					const units = paid.map(
						({ energyKwh, pricePerKwh }) => whole(energyKwh, 1000) * whole(pricePerKwh, 10_000),
					);
					expect(statement.amount).toBe(
						rounded(
							units.reduce((sum, one) => sum + one, 0n),
							places,
						),
					);
					const wattHours = paid.reduce((sum, { energyKwh }) => sum + whole(energyKwh, 1000), 0n);
					expect(whole(statement.energyKwh, 1000)).toBe(wattHours);
					// … is what the price rule says of it.
					for (const item of paid) {
						const row = rows.find(({ sessionKey }) => sessionKey === item.sessionKey)!;
						const price =
							rule.from === 'record'
								? row.pricePerKwh
								: rule.prices.filter(({ firstDay }) => firstDay <= row.localDate!).at(-1)?.perKwh;
						expect(item).toMatchObject({ energyKwh: row.energyKwh, pricePerKwh: price });
					}
					if (statement.pricePerKwh === null) continue;
					// Whoever checks the statement with its own figures comes to the same amount.
					expect(statement.amount).toBe(rounded(wattHours * whole(statement.pricePerKwh, 10_000), places));
				}
			}),
			runs,
		);
	});

	test('what is paid is the same in any order', () => {
		const shuffled = anyMonth.chain(([rows, settings]) =>
			fc.tuple(
				fc.constant(rows),
				fc.shuffledSubarray(rows, { minLength: rows.length, maxLength: rows.length }),
				fc.constant(settings),
			),
		);
		const amounts = (made: Statement[]) =>
			made.map(({ statement }) => [
				statement.billingMonth,
				statement.driver ?? statement.charger,
				statement.currency,
				statement.sessions,
				statement.energyKwh,
				statement.amount,
				statement.leftOutReasons,
			]);
		fc.assert(
			fc.property(shuffled, ([one, other, settings]) => {
				const [a, b] = [one, other].map((rows) => amounts(reimburse(rows, settings)));
				expect(b).toEqual(a);
			}),
			runs,
		);
	});
});
