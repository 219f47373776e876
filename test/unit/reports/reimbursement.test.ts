import fc from 'fast-check';

import { decimalsOf } from '../../../nodes/shared/util/decimal';
import {
	LEFT_OUT,
	reimburse,
	type Rate,
	type ReimbursementSettings,
	type Statement,
} from '../../../nodes/shared/reports/reimbursement';
import { readSelectors, SITE_KINDS } from '../../../nodes/shared/reports/selectors';
import type { Cell, SessionRow } from '../../../nodes/shared/session/types';
import { rowOf } from '../session/rows';

const SOURCES = ['spirii', 'voltTime'];
const idsOf = (text: string) => readSelectors(text, 'For', SOURCES);
const sitesOf = (text: string) => readSelectors(text, 'Site IDs', SOURCES, SITE_KINDS);
/** A price in EUR for everybody and ever, unless the values say otherwise. */
const rate = (pricePerKwh: number | null, values: Partial<Rate> = {}): Rate => ({
	for: [],
	firstDay: '',
	lastDay: '',
	currency: 'EUR',
	pricePerKwh,
	capPerKwh: null,
	columns: {},
	...values,
});
const SETTINGS: ReimbursementSettings = {
	per: 'driver',
	priceFrom: 'rates',
	rates: [rate(0.34)],
	sites: sitesOf('home-1'),
	cards: null,
	energyFrom: 'meter',
	paysDoubtful: false,
	paysInvalid: false,
	rounding: 'halfUp',
	vatRatePct: null,
};
const RECORD: Partial<ReimbursementSettings> = { priceFrom: 'amountInclVat', rates: [] };

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
		driverIdKind: 'customer',
		driverId: 'driver-1',
		driverName: 'Zoë van der Meer',
		tokenUid: 'tag-1',
		...values,
	});
}

const statements = (rows: SessionRow[], settings: Partial<ReimbursementSettings> = {}) =>
	reimburse(rows, { ...SETTINGS, ...settings }).statements;
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
			statementId: '2026-03/spirii:customer:driver-1/EUR/0.34',
			billingMonth: '2026-03',
			owner: 'spirii:customer:driver-1',
			driver: 'driver-1',
			driverName: 'Zoë van der Meer',
			tokenLabel: null,
			customerCompanyName: null,
			costCenter: null,
			customerErpId: null,
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
			sessionsWithoutMeter: 0,
			sessionsCapped: 0,
			sessionsWithWarnings: 0,
			sessionsWithSettingsMissing: 0,
			leftOut: 3,
			leftOutReasons: 'other-site: 2; running: 1',
		});
	});

	test('of a charger names the place instead of a person', () => {
		const { statement } = statementOf(rows.slice(0, 3), { per: 'charger' });
		expect(Object.keys(statement).slice(0, 3)).toEqual(['charger', 'locationName', 'energyKwh']);
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
			energyFrom: 'meter',
			pricePerKwh: 0.34,
			amount: 3.4,
			warnings: '',
			leftOut: null,
			...values,
		});
		const notPaid = { energyFrom: 'record', pricePerKwh: null, amount: null };
		const other = { ...notPaid, charger: 'box-9', leftOut: 'other-site' };
		expect(sessions).toEqual([
			at('03', { meterStartKwh: 100, meterStopKwh: 110 }),
			at('09', { meterStartKwh: 112, meterStopKwh: 117.5, energyKwh: 5.5, amount: 1.87 }),
			at('20', { meterStartKwh: 117.5, meterStopKwh: 120, energyKwh: 2.5, amount: 0.85 }),
			at('10', other),
			at('25', { ...notPaid, endedAt: null, leftOut: 'running' }),
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
		const made = statements(rows, {
			per: 'charger',
			sites: sitesOf('spirii:charger:25, voltTime:charger:25'),
		});
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
	const later = { rates: [rate(0.34, { firstDay: '2026-03-04' })] };
	const cap = { rates: [rate(0.34), rate(null, { capPerKwh: 0.3, currency: 'DKK' })] };
	const two = {
		rates: [rate(0.34, { for: idsOf('driver-1') }), rate(0.36, { for: idsOf('customer:driver-1') })],
	};
	const cases: Array<[keyof typeof LEFT_OUT, string, SessionRow, Partial<ReimbursementSettings>]> = [
		['running', 'has not ended', { status: 'ongoing', endedAt: null }, {}],
		['invalid-by-vendor', 'is marked as not valid', { warnings: 'invalid-by-vendor;no-vat' }, {}],
		['other-site', 'is at a site that is not listed', { locationId: 'street' }, {}],
		['other-site', 'is at no known site', { locationId: null, chargerId: null, evseId: null }, {}],
		['other-site', 'is at a site that is not marked', { reimbursable: false }, { sites: 'marked' }],
		['other-site', 'is at a site of which no mark is known', {}, { sites: 'marked' }],
		['other-card', 'is of another card', { tokenUid: 'tag-2' }, { cards: new Set(['TAG1']) }],
		['other-card', 'is of no card', { tokenUid: null }, { cards: new Set(['TAG1']) }],
		['doubtful', 'contradicts itself', { warnings: 'energy-implausible' }, {}],
		['doubtful', 'gave energy back, with its own reason', { energyKwh: -3, warnings: 'energy-negative' }, {}],
		['no-energy', 'has no energy', { energyKwh: 0 }, {}],
		['no-energy', 'has an unknown energy', { energyKwh: null }, {}],
		['no-energy', 'gave energy back', { energyKwh: -3 }, {}],
		['no-owner', 'is nobody’s', NOBODY, {}],
		['no-owner', 'is at no charger', { chargerId: null, evseId: null }, { per: 'charger' }],
		['no-owner', 'has no card', { tokenUid: null }, { per: 'card' }],
		['no-month', 'was at an unknown time', { billingMonth: null, localDate: null }, {}],
		['price-unclear', 'has two prices that fit equally', {}, two],
		['no-price', 'was before the first price', {}, later],
		['no-price', 'was after the last price', {}, { rates: [rate(0.34, { lastDay: '2026-03-02' })] }],
		['no-price', 'has a price of zero', {}, { rates: [rate(0)] }],
		['no-price', 'has no amount of its own', { currency: 'EUR' }, RECORD],
		['no-price', 'cost nothing', { currency: 'EUR', amountInclVat: 0 }, RECORD],
		['no-price', 'has no cost of its energy', { currency: 'EUR' }, { priceFrom: 'energyCost' }],
		['no-currency', 'has an amount without a currency', { amountInclVat: 0.3 }, RECORD],
		['cap-currency', 'has a cap in another currency', {}, cap],
	];

	test.each(cases)('%s: a session that %s', (reason, _, values, settings) => {
		const { statement, sessions } = statementOf([atHome('03', values)], settings);
		expect(statement).toMatchObject({ sessions: 0, amount: 0, leftOut: 1, leftOutReasons: `${reason}: 1` });
		expect(sessions).toMatchObject([{ sessionKey: 'spirii:03', pricePerKwh: null, leftOut: reason }]);
		// And the same session without the flaw is paid for.
		const flawless = { ...values, ...atHome('05'), currency: 'EUR', amountInclVat: 3, energyCost: 3 };
		const fair = reason === 'price-unclear' || reason === 'cap-currency' || settings.rates?.[0]?.lastDay;
		const others = reason === 'no-price' && settings.rates?.[0]?.pricePerKwh === 0;
		const paying = fair || others ? {} : settings;
		expect(statementOf([{ ...flawless, reimbursable: true }], paying).statement).toMatchObject({
			sessions: 1,
			leftOut: 0,
			leftOutReasons: '',
		});
	});

	test('has a case for every reason', () => {
		// A site that is unclear takes two sessions: see the sites to pay for.
		const shown = [...cases.map(([reason]) => reason as string), 'site-unclear'];
		expect(new Set(shown)).toEqual(new Set(Object.keys(LEFT_OUT)));
	});

	test('has one reason only, the first that applies', () => {
		const flaws: Array<[keyof typeof LEFT_OUT, SessionRow]> = [
			['running', { status: 'ongoing' }],
			['invalid-by-vendor', { warnings: 'invalid-by-vendor' }],
			['other-site', { locationId: null }],
			['other-card', { tokenUid: null }],
			['doubtful', { warnings: 'invalid-by-vendor;overlapping' }],
			['no-energy', { energyKwh: 0 }],
			['no-owner', NOBODY],
			['no-month', { billingMonth: null }],
			['no-price', { amountInclVat: 0 }],
			['no-currency', { currency: null }],
		];
		const order = Object.keys(LEFT_OUT);
		expect(flaws.map(([reason]) => reason)).toEqual(
			order.filter((code) => flaws.some(([reason]) => reason === code)),
		);
		const whole = { currency: 'EUR', amountInclVat: 3 };
		flaws.forEach(([reason], first) => {
			const later = flaws.slice(first).map(([, flaw]) => flaw);
			const warnings = first === 1 ? 'invalid-by-vendor' : first < 5 ? 'overlapping' : '';
			const row = atHome('03', Object.assign({}, whole, ...later, { warnings }) as SessionRow);
			const { statement } = statementOf([row], {
				...RECORD,
				cards: new Set(['TAG1']),
				...(first > 3 ? { cards: null } : {}),
			});
			expect(statement.leftOutReasons).toBe(`${reason}: 1`);
		});
	});

	test('stands once, also where a month has several statements', () => {
		const rows = [
			atHome('03', { currency: 'EUR', amountInclVat: 3 }),
			atHome('04', { currency: 'DKK', amountInclVat: 23 }),
			atHome('05', { currency: 'DKK' }),
		];
		const made = statements(rows, RECORD);
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
		expect(statementOf([atHome('03', values)], { sites: sitesOf('listed') }).statement.sessions).toBe(1);
	});

	test('are all of them, or those that the vendor marks', () => {
		const row = atHome('03', { locationId: null, chargerId: null, evseId: null });
		expect(statementOf([row], { sites: 'all' }).statement.sessions).toBe(1);
		expect(statementOf([{ ...row, reimbursable: true }], { sites: 'marked' }).statement.sessions).toBe(1);
	});
});

describe('the price', () => {
	const rates = [rate(0.3, { firstDay: '2026-01-01' }), rate(0.36, { firstDay: '2026-03-16' })];

	test('that changes in mid-month makes two statements, the earlier first, each with its own meter', () => {
		const rows = [
			atHome('15', { meterStartKwh: 100, meterStopKwh: 110 }),
			atHome('16', { meterStartKwh: 111, meterStopKwh: 121 }),
			atHome('31', { meterStartKwh: 121, meterStopKwh: 131 }),
			atHome('17', { status: 'ongoing' }),
		];
		const made = statements(rows, { rates });
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
		const { statement } = statementOf([atHome('03', { localDate })], { rates });
		expect(statement).toMatchObject({
			pricePerKwh: price,
			leftOutReasons: price === null ? 'no-price: 1' : '',
		});
	});

	test('that changes to the same price changes nothing', () => {
		const same = [rate(0.34), rate(0.34, { firstDay: '2026-03-16' })];
		expect(statementOf([atHome('15'), atHome('16')], { rates: same }).statement.amount).toBe(6.8);
	});

	test('of the record is what each session cost, in one statement per currency', () => {
		const rows = [
			// A fee and rounding are in the amount, and not in the price of a kWh.
			atHome('03', { currency: 'EUR', pricePerKwh: 0.54, energyKwh: 50, amountInclVat: 30.24 }),
			atHome('04', { currency: 'EUR', pricePerKwh: 0.405, amountInclVat: 4.05 }),
			atHome('05', { currency: 'DKK', energyKwh: 3, amountInclVat: 6.9 }),
			atHome('06', { currency: 'DKK', energyKwh: 4, amountInclVat: 9.2 }),
		];
		const made = statements(rows, RECORD).map(({ statement }) => statement);
		expect(made).toMatchObject([
			{ currency: 'DKK', sessions: 2, energyKwh: 7, pricePerKwh: null, amount: 16.1 },
			{ currency: 'EUR', sessions: 2, energyKwh: 60, pricePerKwh: null, amount: 34.29 },
		]);
	});

	test('of the record may be what its energy cost the owner, where the session itself was free', () => {
		const row = atHome('03', { currency: 'DKK', amountInclVat: 0, pricePerKwh: 0, energyCost: 51.08 });
		expect(statementOf([row], { priceFrom: 'energyCost' }).statement).toMatchObject({
			sessions: 1,
			amount: 51.08,
			currency: 'DKK',
		});
		expect(statementOf([row], RECORD).statement).toMatchObject({
			sessions: 0,
			leftOutReasons: 'no-price: 1',
		});
	});

	test('may be below zero, as dynamic prices are', () => {
		expect(statementOf([atHome('03')], { rates: [rate(-0.02)] }).statement).toMatchObject({
			sessions: 1,
			pricePerKwh: -0.02,
			amount: -0.2,
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
		['goes up from the middle, as in Excel', [12.5], 0.33, 'EUR', 4.13],
		['goes up from the middle of an odd cent, too', [1.5], 0.25, 'EUR', 0.38],
		['is exact where doubles are not', [1.1, 1.1, 1.1], 1.1, 'EUR', 3.63],
		['has the decimals of the currency: none', [1.5], 31, 'JPY', 47],
		['has the decimals of the currency: three', [1.234], 0.567, 'KWD', 0.7],
	])('%s', (_, energies, perKwh, currency, amount) => {
		const rows = energies.map((energyKwh, index) => atHome(String(10 + index), { energyKwh }));
		expect(statementOf(rows, { rates: [rate(perKwh, { currency })] }).statement.amount).toBe(amount);
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
	])('is read %s', (_, rows, expected) => {
		expect(statementOf(rows).statement).toMatchObject(expected);
	});

	test.each<[string, SessionRow[]]>([
		['it was set back or replaced', [first, { ...second, meterStartKwh: 0, meterStopKwh: 10 }]],
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
		const left = atHome('05', { meterStartKwh: 110.1, meterStopKwh: 110.3, warnings: 'meter-mismatch' });
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
		driverIdKind: oneOf('customer', 'appUser'),
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
		warnings: fc.constantFrom('', '', '', 'no-vat', 'overlapping', 'invalid-by-vendor'),
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
			amountInclVat: tenthsOfMills === null ? null : tenthsOfMills / 10_000,
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
const anySettings: fc.Arbitrary<ReimbursementSettings> = fc
	.record({
		per: fc.constantFrom<ReimbursementSettings['per']>('driver', 'charger', 'card'),
		priceFrom: fc.constantFrom<ReimbursementSettings['priceFrom']>('rates', 'rates', 'amountInclVat'),
		rates: fc
			.tuple(
				fc.constantFrom('EUR', 'JPY', 'KWD'),
				fc.oneof(priceList, fc.constant([{ firstDay: '', perKwh: 0.34 }])),
			)
			.map(([currency, prices]) =>
				prices.map(({ firstDay, perKwh }) => rate(perKwh, { firstDay, currency })),
			),
		sites: fc.constantFrom<ReimbursementSettings['sites']>(
			'all',
			'all',
			'marked',
			sitesOf('location:home-1, charger:box-2, evse:evse-2'),
			[],
		),
		cards: fc.constantFrom(null, null, new Set(['TAG1'])),
		energyFrom: fc.constantFrom<ReimbursementSettings['energyFrom']>('meter', 'record', 'smaller'),
		paysDoubtful: fc.boolean(),
		paysInvalid: fc.boolean(),
		rounding: fc.constantFrom<ReimbursementSettings['rounding']>('halfUp', 'halfEven', 'down'),
		vatRatePct: fc.constantFrom(null, 0, 21),
	})
	.map((settings) => (settings.priceFrom === 'rates' ? settings : { ...settings, rates: [] }));

/** Units of 10^-7 (watt-hours times tenths of a mill), rounded away from, or to the even one, or towards zero. */
function rounded(units: bigint, places: number, rounding: ReimbursementSettings['rounding']): number {
	const step = 10n ** BigInt(7 - places);
	const [floor, rest] = [units / step, units % step];
	const isMiddle = rest * 2n === step;
	const isUp = rest * 2n > step || (isMiddle && (rounding === 'halfUp' || (floor & 1n) === 1n));
	return Number(`${isUp && rounding !== 'down' ? floor + 1n : floor}e-${places}`);
}

const whole = (cell: Cell, unit: number) => BigInt(Math.round((cell as number) * unit));
const runs = { numRuns: 2000 };

describe('of any sessions', () => {
	const anyMonth = fc.tuple(anySessions, anySettings);

	const cardOf = (card: Cell) => `spirii:card:${String(card).toUpperCase().replace('-', '')}`;
	const ownerOf = (row: SessionRow, per: ReimbursementSettings['per']) => {
		const { driverIdKind, driverId, tokenUid, contractId, chargerId, evseId } = row;
		if (per === 'card') return tokenUid && cardOf(tokenUid);
		if (per === 'charger')
			return chargerId ? `spirii:charger:${chargerId}` : evseId && `spirii:evse:${evseId}`;
		if (driverId) return `spirii:${driverIdKind ?? 'driver'}:${driverId}`;
		return tokenUid ? cardOf(tokenUid) : contractId && `spirii:contract:${contractId}`;
	};

	test('each is in exactly one statement, of its own month and owner, paid for or left out', () => {
		fc.assert(
			fc.property(anyMonth, ([rows, settings]) => {
				const made = reimburse(rows, settings).statements;
				const members = made.flatMap((one) => one.members).sort((one, other) => one - other);
				expect(members).toEqual(rows.map((_, index) => index));
				for (const { statement, sessions: listed, members: own } of made) {
					expect((statement.sessions as number) + (statement.leftOut as number)).toBe(own.length);
					expect(listed.filter(({ leftOut }) => leftOut === null)).toHaveLength(statement.sessions as number);
					expect(listed.map(({ sessionKey }) => sessionKey).sort()).toEqual(
						own.map((index) => rows[index].sessionKey).sort(),
					);
					for (const index of own) {
						const { billingMonth } = rows[index];
						expect([statement.owner, statement.billingMonth]).toEqual([
							ownerOf(rows[index], settings.per),
							billingMonth,
						]);
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

	test('the amount is energy times price or the sum of the amounts, rounded once at the end', () => {
		fc.assert(
			fc.property(anyMonth, ([rows, settings]) => {
				const { rates, rounding, energyFrom } = settings;
				for (const { statement, sessions: listed } of reimburse(rows, settings).statements) {
					const places = decimalsOf(statement.currency as string | null);
					const paid = listed.filter(({ leftOut }) => leftOut === null);
					const worths = paid.map((item) => {
						const row = rows.find(({ sessionKey }) => sessionKey === item.sessionKey)!;
						const recorded = row.energyKwh as number | null;
						const { meterStartKwh: start, meterStopKwh: stop } = row as Record<string, number | null>;
						const metered = start === null || stop === null ? null : Number((stop - start).toFixed(3));
						const known = [energyFrom === 'record' ? null : metered, recorded].filter((one) => one !== null);
						const energy = energyFrom === 'smaller' ? Math.min(...known) : known[0];
						const price = rates.filter(({ firstDay }) => firstDay <= row.localDate!).at(-1)?.pricePerKwh;
						const isRecord = settings.priceFrom === 'amountInclVat';
						expect(item).toMatchObject({ energyKwh: energy, pricePerKwh: isRecord ? null : price });
						const units = isRecord
							? whole(row.amountInclVat, 10_000) * 1000n
							: whole(energy as Cell, 1000) * whole(price as Cell, 10_000);
						expect(whole(item.amount, 1e7)).toBe(units);
						return { units, wattHours: whole(energy as Cell, 1000) };
					});
					const units = worths.reduce((sum, one) => sum + one.units, 0n);
					const wattHours = worths.reduce((sum, one) => sum + one.wattHours, 0n);
					expect(statement.amount).toBe(rounded(units, places, rounding));
					expect(whole(statement.energyKwh, 1000)).toBe(wattHours);
					if (statement.pricePerKwh === null) continue;
					// Whoever checks the statement with its own figures comes to the same amount.
					const own = wattHours * whole(statement.pricePerKwh, 10_000);
					expect(statement.amount).toBe(rounded(own, places, rounding));
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
				statement.statementId,
				statement.owner,
				statement.driver,
				statement.sessions,
				statement.energyKwh,
				statement.amount,
				statement.leftOutReasons,
			]);
		fc.assert(
			fc.property(shuffled, ([one, other, settings]) => {
				const [a, b] = [one, other].map((rows) => amounts(reimburse(rows, settings).statements));
				expect(b).toEqual(a);
			}),
			runs,
		);
	});
});
