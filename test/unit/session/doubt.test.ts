import fc from 'fast-check';

import { normalize } from '../../../nodes/EvCharging/operations/normalize';
import { summarize } from '../../../nodes/EvCharging/operations/summarize';
import type { SessionsContext } from '../../../nodes/EvCharging/operation';
import { toOcpi } from '../../../nodes/shared/formats/ocpi';
import { completeMoney } from '../../../nodes/shared/session/money';
import { markOverlaps, overlapMarker } from '../../../nodes/shared/session/overlaps';
import { energyDoubts, maxPowerKwOf } from '../../../nodes/shared/session/plausibility';
import { rowReader } from '../../../nodes/shared/session/readRow';
import { rowWriter } from '../../../nodes/shared/session/row';
import type { RowSettings, SessionRow } from '../../../nodes/shared/session/types';
import { doubtsIn, settingsMissingIn, WARNING_KINDS, WARNINGS } from '../../../nodes/shared/session/warnings';
import { snapshotReader } from '../../../nodes/shared/sync/snapshot';
import { readDecimal } from '../../../nodes/shared/util/numbers';
import { chargeRecordKind, transactionKind } from '../../../nodes/Spirii/records';
import { legacyTransactionKind, teamTransactionKind } from '../../../nodes/VoltTime/records';
import { rowOf } from './rows';

const NOW = Date.UTC(2026, 5, 15, 12);
const SETTINGS: RowSettings = {
	currency: 'EUR',
	vatRatePct: 25,
	pricesIncludeVat: true,
	timezone: 'Europe/Copenhagen',
	billBy: 'end',
	groups: [],
	driver: 'plain',
	now: () => NOW,
};

const voltTime = (values: object) => ({
	id: 1,
	charger_id: 5,
	charger_connector_id: 7,
	started_at: '2026-06-01T10:00:00.000000Z',
	stopped_at: '2026-06-01T12:00:00.000000Z',
	created_at: '2026-06-01T10:00:00.000000Z',
	updated_at: '2026-06-01T12:00:00.000000Z',
	meter_start: 4_000_000,
	meter_stop: 4_011_350,
	total_kwh: '11.35',
	total_cost: '3.86',
	...values,
});
const spirii = (values: object) => ({
	transactionId: 1,
	startedAt: '2026-06-01T10:00:00.000Z',
	endedAt: '2026-06-01T12:00:00.000Z',
	updatedAt: '2026-06-01T12:00:00.000Z',
	consumed: 11.35,
	evseId: 'DK*SPI*E1*1',
	...values,
});
const spiriiTransaction = ({
	endedAt,
	startedAt = '2026-06-15T11:30:00.000Z',
}: {
	endedAt?: unknown;
	startedAt?: unknown;
}) => ({
	id: 4711,
	chargeBoxId: 5,
	startedAt,
	endedAt,
	updatedAt: '2026-06-15T12:00:00.000Z',
	chargingDetails: { consumed: 1.2 },
});

function rowsOf(
	kind: Parameters<typeof rowWriter>[0],
	records: object[],
	settings: Partial<RowSettings> = {},
): SessionRow[] {
	return rowWriter(kind, { ...SETTINGS, ...settings })(records);
}
const voltTimeRow = (values: object) => rowsOf(legacyTransactionKind, [voltTime(values)])[0];
const spiriiRow = (values: object) => rowsOf(chargeRecordKind, [spirii(values)])[0];
const codesOf = (row: SessionRow) =>
	String(row.warnings ?? '')
		.split(';')
		.filter(Boolean);

describe('energy that contradicts its own record is said', () => {
	it.each<[string, SessionRow, string[]]>([
		[
			'the whole meter, since its start is lost',
			voltTimeRow({ meter_start: null, meter_stop: 7_783_903, total_kwh: '7783.90' }),
			['energy-implausible'],
		],
		[
			'a small meter whose start is lost',
			voltTimeRow({ meter_start: null, meter_stop: 31_200, total_kwh: '31.20' }),
			['energy-implausible'],
		],
		[
			'a large meter whose start is zero, in days that allow it',
			voltTimeRow({
				meter_start: 0,
				meter_stop: 412_000,
				total_kwh: '412.00',
				started_at: '2026-05-20T10:00:00Z',
			}),
			['energy-implausible'],
		],
		[
			'below zero, of two meters',
			voltTimeRow({ meter_start: 4_076_400, meter_stop: 353, total_kwh: '-4076.05' }),
			['energy-negative', 'meter-backwards'],
		],
		[
			'below zero, by subtraction',
			voltTimeRow({ meter_start: 4_076_400, meter_stop: 353, total_kwh: null }),
			['energy-negative', 'meter-backwards'],
		],
		[
			'36.9 kWh in three minutes',
			voltTimeRow({ meter_stop: 4_036_900, stopped_at: '2026-06-01T10:03:00Z', total_kwh: '36.90' }),
			['energy-implausible'],
		],
		[
			'Wh in a field for kWh',
			spiriiRow({ consumed: 12_340, meterStart: 100_000, meterStop: 112_340, highestPowerDrawn: 10_692 }),
			['energy-implausible'],
		],
		[
			'less than one kWh in Wh, beside the watts of a socket',
			spiriiRow({ consumed: 780, meterStart: 100_000, meterStop: 100_780, highestPowerDrawn: 3600 }),
			['energy-implausible'],
		],
		[
			'twice what its own highest power allows',
			spiriiRow({ consumed: 30, highestPowerDrawn: 7.4 }),
			['energy-implausible'],
		],
		[
			'the meter of a running session, whose start is lost',
			voltTimeRow({ meter_start: null, meter_stop: 9_334_800, total_kwh: '9334.80', stopped_at: null }),
			['energy-implausible'],
		],
		[
			'more than any session, without times',
			spiriiRow({ startedAt: null, consumed: 1200 }),
			['energy-implausible'],
		],
		[
			'meters in an unknown unit that fit in none',
			spiriiRow({ consumed: 30, meterStart: 100, meterStop: 110 }),
			['meter-mismatch'],
		],
		[
			'energy of zero beside meters in an unknown unit',
			spiriiRow({ consumed: 0, meterStart: 100, meterStop: 140.5 }),
			['meter-mismatch'],
		],
		[
			'meters in an unknown unit that run backwards',
			spiriiRow({ meterStart: 4076.4, meterStop: 0.353 }),
			['meter-backwards', 'meter-mismatch'],
		],
		[
			'meters that run backwards beside no energy',
			spiriiRow({ consumed: null, meterStart: '4076,4', meterStop: '0,353' }),
			['meter-backwards'],
		],
		[
			'the whole meter in an unknown unit, as kWh',
			spiriiRow({ consumed: 700, meterStart: null, meterStop: 700 }),
			['energy-implausible'],
		],
		[
			'the whole meter in an unknown unit, as Wh',
			spiriiRow({ consumed: 31.2, meterStart: null, meterStop: 31_200 }),
			['energy-implausible'],
		],
	])('%s', (_, row, codes) => {
		expect(codesOf(row)).toEqual(expect.arrayContaining(codes));
		expect(doubtsIn(row.warnings)).toEqual(codes);
		expect(
			toOcpi(row, { version: '2.2.1', pricesIncludeVat: true, isDriverReadable: false })._warnings,
		).toEqual(expect.arrayContaining(codes));
	});

	it.each<[string, SessionRow]>([
		['an ordinary session', voltTimeRow({})],
		['zero', voltTimeRow({ meter_stop: 4_000_000, total_kwh: '0.00' })],
		[
			'a first session of a new charger',
			voltTimeRow({ meter_start: 0, meter_stop: 52_000, total_kwh: '52.00' }),
		],
		[
			'two hours at full power, measured a little higher',
			spiriiRow({ consumed: 22.9, highestPowerDrawn: 11 }),
		],
		['meters with one decimal', spiriiRow({ consumed: 3.84, meterStart: 1463.8, meterStop: 1467.6 })],
		[
			'meters with one decimal, as text',
			spiriiRow({ consumed: '3,84', meterStart: '1463,8', meterStop: '1467,6' }),
		],
	])('%s has no code', (_, row) => {
		expect(codesOf(row)).toEqual([]);
	});

	it.each<[string, object]>([
		['a stop alone that is not the energy', { meterStart: null, meterStop: 8000 }],
		['a start alone', { meterStart: 11.35, meterStop: null }],
		['no energy, and a meter that stands still', { consumed: 0, meterStart: 100, meterStop: 100 }],
		['no energy, and a meter at zero', { consumed: 0, meterStart: null, meterStop: 0 }],
		['less than the meter shows, in whole kWh', { consumed: 0.3, meterStart: 100, meterStop: 101 }],
	])('meters in an unknown unit are no doubt by themselves: %s', (_, values) => {
		expect(doubtsIn(spiriiRow(values).warnings)).toEqual([]);
		expect(codesOf(spiriiRow(values))).toContain('meter-unit-unknown');
	});

	it('negative energy has the tolerance of positive energy', () => {
		const codesWith = (total: string) =>
			codesOf(voltTimeRow({ meter_start: 4_100_000, meter_stop: 4_000_000, total_kwh: total }));
		expect(codesWith('-100.5')).not.toContain('meter-mismatch');
		expect(codesWith('-102.5')).toContain('meter-mismatch');
		expect(codesWith('102.5')).toContain('meter-mismatch');
	});

	it.each<[string, Array<[number, number, number]>, string[]]>([
		[
			'whole kWh',
			[
				[10, 100, 111],
				[0.6, 111, 112],
				[8, 112, 120],
			],
			['meter-rounded', 'meter-rounded', ''],
		],
		[
			'whole kWh of a long session',
			[
				[100.6, 100, 200],
				[8, 200, 208],
			],
			['meter-rounded', ''],
		],
		[
			'whole kWh, by more than one',
			[
				[10, 100, 111.0],
				[5, 111, 118],
			],
			['meter-rounded', 'meter-mismatch'],
		],
		[
			'tenths, of which one is whole',
			[
				[4.6, 1463, 1467],
				[3.84, 1467, 1470.8],
			],
			['meter-mismatch', ''],
		],
	])('the page tells how exact its meters are: %s', (_, sessions, codes) => {
		const records = sessions.map(([consumed, meterStart, meterStop], index) =>
			spirii({
				transactionId: index,
				startedAt: `2026-06-0${index + 1}T10:00:00Z`,
				endedAt: `2026-06-0${index + 1}T12:00:00Z`,
				consumed,
				meterStart,
				meterStop,
			}),
		);
		expect(rowsOf(chargeRecordKind, records).map(({ warnings }) => warnings ?? '')).toEqual(codes);
	});

	it.each<[string, object[]]>([
		['on a page of other chargers', [{}, {}, {}]],
		['on a page of its own', []],
	])(
		'the unit of meters is that of the charger, where a record has no energy of its own: %s',
		(_, others) => {
			const own = { chargeBoxId: 7, evseId: 'DK*SPI*E7*1' };
			const records = [
				...others.map((more, index) =>
					spirii({
						transactionId: index,
						evseId: `DK*SPI*E${index}*9`,
						meterStart: 100_000,
						meterStop: 111_350,
						...more,
					}),
				),
				spirii({ ...own, transactionId: 11, consumed: null, meterStart: 112, meterStop: 123.35 }),
				spirii({
					...own,
					transactionId: 12,
					startedAt: '2026-06-03T10:00:00Z',
					endedAt: '2026-06-03T12:00:00Z',
					meterStart: 130,
					meterStop: 141.35,
				}),
			];
			const row = rowsOf(chargeRecordKind, records).at(-2)!;
			expect(row).toMatchObject({
				energyKwh: 11.35,
				meterStartKwh: 112,
				meterStopKwh: 123.35,
				warnings: null,
			});
		},
	);

	it('meters of another charger tell nothing', () => {
		const records = [
			spirii({ chargeBoxId: 1, meterStart: 100, meterStop: 111 }),
			spirii({ chargeBoxId: 2, meterStart: 100.005, meterStop: 111.355, evseId: 'DK*SPI*E1*2' }),
		];
		expect(rowsOf(chargeRecordKind, records).map(codesOf)).toEqual([['meter-rounded'], []]);
	});

	it('a difference of more than the last digits of both meters is a mismatch', () => {
		const row = spiriiRow({ consumed: 3.95, meterStart: 1463.8, meterStop: 1467.6 });
		expect(codesOf(row)).toEqual(['meter-mismatch']);
	});

	it('whatever the numbers are: no exception, and nothing that cannot be right without a code', () => {
		const number = fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }));
		const hours = fc.option(fc.double({ min: 0, max: 1500, noNaN: true }));
		fc.assert(
			fc.property(number, number, number, hours, number, (energyKwh, start, stop, h, power) => {
				const maxPowerKw = power === null ? null : Math.abs(power) / 1000;
				const codes = energyDoubts({
					energyKwh,
					meterStartKwh: start,
					meterStopKwh: stop,
					maxPowerKw,
					hours: h,
				});
				const most = h === null ? 1000 : (h + 1 / 60) * (maxPowerKw ? maxPowerKw * 1.1 : 400);
				if (energyKwh !== null && energyKwh > most) expect(codes).toContain('energy-implausible');
				expect(codes.includes('energy-negative')).toBe(energyKwh !== null && energyKwh < 0);
				expect(codes.includes('meter-backwards')).toBe(start !== null && stop !== null && stop < start);
			}),
		);
	});
});

describe('the highest power is in the unit that energy and duration allow', () => {
	it.each<[unknown, number | null, number | null, number | null]>([
		[900, 1, 2, 0.9],
		[1001, 500, 1, 1001],
		[1001, 2, 2, 1.001],
		[1500, 900, 1, 1500],
		[2300, 900, 3, 2.3],
		[3600, 780, 2, 3.6],
		[10_692, 20, 2, 10.692],
		[10_692, 12_340, 2, 10.692],
		[11, 0.005, 1, 11],
		[350, 60, 0.5, 350],
		[480, 120, 1, 480],
		[900, null, null, 900],
		[10_692, null, null, 10.692],
		['10692', 20, 2, 10.692],
		[null, 20, 2, null],
		['fast', 20, 2, null],
	])('%p with %p kWh in %p hours is %p kW', (value, energyKwh, hours, maxPowerKw) => {
		expect(maxPowerKwOf(value, energyKwh, hours)).toBe(maxPowerKw);
	});
});

const OPEN = [
	'0001-01-01T00:00:00Z',
	'0001-01-01T00:00:00+01:00',
	'0001-01-01',
	'0001-01-01 00:00:00',
	'0049-05-05',
	'-0001-11-30',
	'9999-12-31',
	'2099-12-31',
	'1970-01-01',
	'0000-00-00 00:00:00',
	'0000-00-00',
	'-0001-11-30T00:00:00.000000Z',
	'9999-12-31T23:59:59Z',
	'1970-01-01T00:00:00Z',
	'1970-01-01 00:00:00',
	'1899-12-30T00:00:00Z',
	'2038-01-19T03:14:07Z',
	0,
];
const WRONG = ['1970-01-01T00:03:00Z', '2000-01-01T00:05:00Z', '1980-01-06T00:10:00Z'];
const UNREADABLE = [
	'2026-02-30T10:00:00Z',
	'2026-13-01',
	'yesterday',
	'15.06.2026 12:00',
	1_781_524_800_000,
	true,
	{},
];
const AHEAD = ['2027-07-20T12:00:00Z', '2026-06-17T12:00:00Z'];

describe('row and trigger read one and the same end', () => {
	const snapshotOf = snapshotReader(transactionKind);

	it.each([null, undefined, '', ...OPEN])('%p is none: the session runs for both', (endedAt) => {
		const record = spiriiTransaction({ endedAt });
		const [row] = rowsOf(transactionKind, [record]);
		expect(row).toMatchObject({ status: 'ongoing', endedAt: null, billingMonth: null, localDate: null });
		expect(snapshotOf(record)?.endedAt).toBeUndefined();
		expect(codesOf(row)).toEqual(
			endedAt === null || endedAt === undefined || endedAt === '' ? [] : ['time-implausible'],
		);
	});

	it.each([...WRONG, ...UNREADABLE])(
		'%p is an end at an unknown time: billed by the start, and said',
		(endedAt) => {
			const record = spiriiTransaction({ endedAt });
			const [row] = rowsOf(transactionKind, [record]);
			expect(row).toMatchObject({
				status: 'completed',
				endedAt: null,
				durationSeconds: null,
				localDate: '2026-06-15',
				billingMonth: '2026-06',
			});
			expect(codesOf(row)).toEqual([
				WRONG.includes(endedAt as string) ? 'time-implausible' : 'time-unreadable',
			]);
			// It has ended, and at no time but one that the record proves.
			expect(snapshotOf(record)?.endedAt).toBe(Date.UTC(2026, 5, 15, 11, 30));
		},
	);

	it.each(AHEAD)('%p is later than tomorrow: kept, billed by the start, and said', (endedAt) => {
		const [row] = rowsOf(transactionKind, [spiriiTransaction({ endedAt })]);
		expect(row).toMatchObject({ status: 'completed', durationSeconds: null, billingMonth: '2026-06' });
		expect(row.endedAt).toBe(new Date(endedAt).toISOString());
		expect(codesOf(row)).toEqual(['time-implausible']);
		const [timeless] = rowsOf(transactionKind, [spiriiTransaction({ endedAt })], { now: undefined });
		expect(timeless.billingMonth).toBe(endedAt.slice(0, 7));
	});

	it('an ordinary end is an end for both', () => {
		const record = spiriiTransaction({ endedAt: '2026-06-15T11:45:00Z' });
		const [row] = rowsOf(transactionKind, [record]);
		expect(row).toMatchObject({ status: 'completed', durationSeconds: 900, warnings: null });
		expect(snapshotOf(record)?.endedAt).toBe(Date.UTC(2026, 5, 15, 11, 45));
	});

	it('an end before the start gives no month: that of the start counts', () => {
		const record = spiriiTransaction({ startedAt: '2026-06-01T10:00:00Z', endedAt: '2026-05-31T10:00:00Z' });
		const [row] = rowsOf(transactionKind, [record]);
		expect(row).toMatchObject({
			billingMonth: '2026-06',
			durationSeconds: null,
			warnings: 'end-before-start',
		});
		expect(snapshotOf(record)?.endedAt).toBe(Date.UTC(2026, 5, 1, 10));
	});

	it.each(['1970-01-01T00:00:00Z', '1970-01-01T08:00:00Z', '2000-01-01T00:00:01Z', '0001-01-01T00:00:00Z'])(
		'a start of %p is left out of sums, and said',
		(startedAt) => {
			const record = spiriiTransaction({ startedAt, endedAt: '2026-06-15T11:45:00Z' });
			for (const billBy of ['end', 'start'] as const) {
				const [row] = rowsOf(transactionKind, [record], { billBy });
				expect(row).toMatchObject({
					startedAt: null,
					durationSeconds: null,
					billingMonth: '2026-06',
					warnings: 'time-implausible',
				});
			}
		},
	);

	it('more than sixty days are said, and a session of fifteen weeks is given', () => {
		const [row] = rowsOf(transactionKind, [
			spiriiTransaction({ startedAt: '2026-02-01T10:00:00Z', endedAt: '2026-05-17T10:00:00Z' }),
		]);
		expect(row).toMatchObject({
			status: 'completed',
			durationSeconds: 105 * 86_400,
			billingMonth: '2026-05',
			warnings: 'time-implausible',
		});
	});

	it('one that runs for more than sixty days is said, also when its row comes back', () => {
		const running = (startedAt: string) =>
			rowsOf(transactionKind, [spiriiTransaction({ startedAt })], { now: () => NOW })[0];
		const [fresh, stuck] = [running('2026-04-20T12:00:00Z'), running('2026-04-10T12:00:00Z')];
		expect([fresh, stuck].map(({ status }) => status)).toEqual(['ongoing', 'ongoing']);
		expect([fresh, stuck].map(codesOf)).toEqual([[], ['time-implausible']]);
		const bare = { ...stuck, warnings: null };
		const again = rowReader([bare])(bare, { ...SETTINGS, now: () => NOW });
		expect(codesOf(again)).toEqual(['time-implausible']);
	});

	it('a session that the vendor calls finished has ended, with or without an end', () => {
		const record = {
			id: 'a',
			charger: { uuid: 'b' },
			status: 'finished',
			started_at: '2026-06-14T10:00:00Z',
			total_kwh: 5,
		};
		const snapshotOfTeam = snapshotReader(teamTransactionKind);
		for (const stopped_at of [null, undefined, ...OPEN]) {
			const [row] = rowsOf(teamTransactionKind, [{ ...record, stopped_at }]);
			expect(row).toMatchObject({ status: 'completed', endedAt: null, billingMonth: '2026-06' });
			expect(doubtsIn(row.warnings).length).toBeGreaterThan(0);
			expect(snapshotOfTeam({ ...record, stopped_at })?.endedAt).toBe(Date.UTC(2026, 5, 14, 10));
		}
		const [running] = rowsOf(teamTransactionKind, [{ ...record, status: 'active', stopped_at: null }]);
		expect(running.status).toBe('ongoing');
	});

	it('whatever stands in the times: both agree, and a month is a month of the calendar', () => {
		const text = fc.oneof(
			fc.constantFrom(...OPEN, ...WRONG, ...UNREADABLE, ...AHEAD, null, '', '2026-06-01T10:00:00Z'),
			fc
				.date({ noInvalidDate: true, min: new Date('0000-01-01'), max: new Date('9999-12-31') })
				.map((date) => date.toISOString()),
			fc.jsonValue(),
		);
		fc.assert(
			fc.property(text, text, fc.constantFrom('end', 'start'), (startedAt, endedAt, billBy) => {
				const record = spiriiTransaction({ startedAt, endedAt });
				const [row] = rowsOf(transactionKind, [record], { billBy: billBy as 'end' });
				expect(row.status === 'completed').toBe(snapshotOf(record)?.endedAt !== undefined);
				if (row.billingMonth !== null) expect(row.billingMonth).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
				const isGiven = (value: unknown) => value !== null && value !== undefined && value !== '';
				const lacks = (value: unknown, name: string) => isGiven(value) && row[name] === null;
				if (lacks(startedAt, 'startedAt') || lacks(endedAt, 'endedAt')) {
					expect(doubtsIn(row.warnings)).not.toEqual([]);
				}
				if (row.status === 'completed' && row.durationSeconds === null && isGiven(startedAt)) {
					expect(doubtsIn(row.warnings)).not.toEqual([]);
				}
			}),
		);
	});
});

describe('two sessions on one connector at once', () => {
	const at = (sessionId: string, from: string, to: string | null, values: SessionRow = {}) =>
		rowOf({
			source: 'spirii',
			sessionKey: `spirii:${sessionId}`,
			status: to === null ? 'ongoing' : 'completed',
			startedAt: `2026-06-01T${from}:00.000Z`,
			endedAt: to === null ? null : `2026-06-01T${to}:00.000Z`,
			evseId: 'DK*SPI*E1*1',
			...values,
		});
	const marked = (rows: SessionRow[]) => {
		markOverlaps(rows);
		return rows.map((row) => codesOf(row).includes('overlapping'));
	};
	const meters = (meterStartKwh: number, meterStopKwh: number) => ({ meterStartKwh, meterStopKwh });

	it.each<[string, SessionRow[], boolean[]]>([
		['one within another', [at('1', '18:00', '22:00'), at('2', '19:00', '21:00')], [true, true]],
		[
			'a long one over two others',
			[at('2', '19:00', '20:00'), at('1', '10:00', '22:00'), at('3', '21:00', '21:30')],
			[true, true, true],
		],
		['one behind the other', [at('1', '18:00', '19:00'), at('2', '19:00', '21:00')], [false, false]],
		['seconds of rounding', [at('1', '18:00', '19:01'), at('2', '19:00', '21:00')], [false, false]],
		[
			'another connector',
			[at('1', '18:00', '22:00'), at('2', '19:00', '21:00', { evseId: 'DK*SPI*E1*2' })],
			[false, false],
		],
		[
			'another vendor',
			[at('1', '18:00', '22:00'), at('2', '19:00', '21:00', { source: 'voltTime' })],
			[false, false],
		],
		[
			'a charger whose connector is unknown',
			[
				at('1', '18:00', '22:00', { evseId: null, chargerId: '5' }),
				at('2', '19:00', '21:00', { evseId: null, chargerId: '5' }),
			],
			[true, true],
		],
		[
			'another charger whose connector is unknown',
			[
				at('1', '18:00', '22:00', { evseId: null, chargerId: '5' }),
				at('2', '19:00', '21:00', { evseId: null, chargerId: '6' }),
			],
			[false, false],
		],
		[
			'an unknown connector, and the only one of the charger that is named',
			[
				at('1', '18:00', '22:00', { chargerId: '5' }),
				at('2', '19:00', '21:00', { evseId: null, chargerId: '5' }),
			],
			[true, true],
		],
		[
			'an unknown connector of a charger that has several',
			[
				at('1', '18:00', '22:00', { chargerId: '5' }),
				at('2', '19:00', '21:00', { evseId: null, chargerId: '5' }),
				at('3', '19:00', '21:00', { evseId: 'DK*SPI*E1*2', chargerId: '5' }),
				at('4', '19:00', '21:00', { evseId: 'DK*SPI*E1*3', chargerId: '5' }),
			],
			[false, false, false, false],
		],
		[
			'one meter twice, with a session between that has none',
			[
				at('1', '10:00', '11:00', meters(100, 110)),
				at('2', '12:00', '13:00'),
				at('3', '14:00', '15:00', meters(100, 118)),
			],
			[true, false, true],
		],
		[
			'one meter over two others that are apart',
			[
				at('1', '10:00', '11:00', meters(100, 200)),
				at('2', '12:00', '13:00', meters(150, 160)),
				at('3', '14:00', '15:00', meters(170, 180)),
			],
			[true, true, true],
		],
		[
			'a meter that began anew',
			[
				at('1', '10:00', '11:00', meters(100, 110)),
				at('2', '12:00', '13:00', meters(5, 15)),
				at('3', '14:00', '15:00', meters(15, 105)),
			],
			[false, false, false],
		],
		[
			'a connector of a charger',
			[
				at('1', '18:00', '22:00', { evseId: null, chargerId: '5', connectorId: '7' }),
				at('2', '19:00', '21:00', { evseId: null, chargerId: '5', connectorId: '7' }),
			],
			[true, true],
		],
		['two versions of one session', [at('1', '18:00', '22:00'), at('1', '18:00', '22:30')], [false, false]],
		['one that never ended', [at('1', '10:00', null), at('2', '19:00', '21:00')], [true, false]],
		['one that runs', [at('1', '10:00', '11:00'), at('2', '19:00', null)], [false, false]],
		[
			'the same kWh listed each day, cumulated',
			[
				at('1', '01:00', '02:00', meters(100, 110)),
				at('2', '03:00', '04:00', meters(100, 118)),
				at('3', '05:00', '06:00', meters(100, 125)),
			],
			[true, true, true],
		],
		[
			'a meter that starts anew',
			[at('1', '01:00', '02:00', meters(4010, 4020)), at('2', '03:00', '04:00', meters(0, 12))],
			[false, false],
		],
		[
			'a meter that begins at zero each time',
			[at('1', '01:00', '02:00', meters(0, 10)), at('2', '03:00', '04:00', meters(0, 12))],
			[false, false],
		],
	])('%s', (_, rows, expected) => {
		expect(marked(rows)).toEqual(expected);
	});

	it('is told by Normalize, in any order of the items, and by a list', () => {
		const records = [
			spirii({ transactionId: 2, startedAt: '2026-06-01T11:00:00Z' }),
			spirii({ transactionId: 3, startedAt: '2026-06-02T11:00:00Z', endedAt: '2026-06-02T12:00:00Z' }),
			spirii({}),
		];
		expect(marked(rowsOf(chargeRecordKind, records))).toEqual([true, false, true]);
		expect(run(normalize, records).map(({ warnings }) => warnings)).toEqual([
			'overlapping',
			null,
			'overlapping',
		]);
		expect(run(summarize, records)).toMatchObject([{ sessions: 3, sessionsWithWarnings: 2 }]);
	});

	it.each<[string, SessionRow[], SessionRow[][], boolean[][]]>([
		[
			'with the last session of an earlier page that ended later',
			[at('1', '01:00', '09:00'), at('2', '09:00', '10:00')],
			[[], [at('3', '08:00', '08:30'), at('4', '10:00', '11:00')]],
			[[], [true, false]],
		],
		[
			'with the first session of an earlier page, in descending order',
			[at('2', '09:00', '10:00'), at('1', '08:00', '09:00')],
			[[at('3', '06:00', '08:30')], [at('4', '05:00', '06:00')]],
			[[true], [false]],
		],
		[
			'with the highest meter of an earlier page',
			[at('1', '01:00', '02:00', meters(4000, 4050)), at('2', '03:00', '04:00', meters(4050, 4060))],
			[[at('3', '05:00', '06:00', meters(4055, 4070))]],
			[[true]],
		],
		[
			'with a session that ran on an earlier page',
			[at('1', '01:00', null), at('2', '00:10', '00:20')],
			[[at('3', '05:00', '06:00')]],
			[[false]],
		],
		[
			'not with itself, where a session comes again',
			[at('1', '01:00', '02:00')],
			[[at('1', '01:00', '03:00')]],
			[[false]],
		],
	])('an export compares each page %s', (_, first, pages, expected) => {
		const mark = overlapMarker();
		mark(first);
		const codes = pages.map((rows) => {
			mark(rows);
			return rows.map((row) => codesOf(row).includes('overlapping'));
		});
		expect(codes).toEqual(expected);
		expect(WARNINGS.overlapping).toMatch(/Get Many and EV Charging compare all sessions/);
	});

	it('changes no fingerprint: that is of the session alone', () => {
		const record = spirii({});
		const other = spirii({ transactionId: 2, startedAt: '2026-06-01T11:00:00Z' });
		const [alone] = rowsOf(chargeRecordKind, [record], { groups: ['change'] });
		const together = rowsOf(chargeRecordKind, [record, other], { groups: ['change'] });
		markOverlaps(together);
		expect(together[0]).toMatchObject({ warnings: 'overlapping', rowHash: alone.rowHash });
	});
});

/** What an operation of the node makes of records. */
function run(operation: typeof normalize, records: object[]) {
	const given = { values: { driverData: 'plain' }, timezone: 'Europe/Copenhagen', now: () => NOW };
	const output = operation.run({
		items: records.map((json) => ({ json })),
		forAll: () => given,
		forEach: (make) => {
			const value = make(given);
			return { made: records.map((_, itemIndex) => ({ itemIndex, value })), failed: new Map() };
		},
		toBinary: () => Promise.reject(new Error('No file is asked for')),
		hint: () => undefined,
	} as SessionsContext);
	if (!Array.isArray(output)) throw new Error('The operation waits for nothing');
	return output.map(({ json }) => json);
}

describe('money and VAT', () => {
	it.each([
		['0.00 with VAT', 0, null],
		['0.00 without VAT', null, 0],
	])('%s is zero with and without, at any rate', (_, incl, excl) => {
		const zero = { amountInclVat: 0, amountExclVat: 0, vatAmount: 0, isVatMismatch: false };
		expect(completeMoney(incl, excl, null, undefined)).toEqual({ ...zero, vatRatePct: null });
		expect(completeMoney(incl, excl, 0.25, 21)).toEqual({ ...zero, vatRatePct: 25 });
		expect(completeMoney(incl, excl, null, 21)).toEqual({ ...zero, vatRatePct: 21 });
	});

	it.each<[string, number | null, number | null, number | null, number | undefined, string, object]>([
		["the record's own rate comes first", 125, null, 0.25, 19, 'EUR', { amountExclVat: 100, vatRatePct: 25 }],
		[
			"the record's own rate is enough",
			125,
			null,
			0.25,
			undefined,
			'EUR',
			{ amountExclVat: 100, vatRatePct: 25 },
		],
		['a named percentage', null, 100, 7.7, undefined, 'EUR', { amountInclVat: 107.7, vatRatePct: 7.7 }],
		['three decimals in KWD', null, 0.106, null, 19, 'KWD', { amountInclVat: 0.126 }],
		['none in ISK', 85, null, null, 19, 'ISK', { amountExclVat: 71 }],
		['none in JPY', null, 99, null, 10, 'JPY', { amountInclVat: 109 }],
		['7.7 % of 2 JPY', 2, 2, 7.7, undefined, 'JPY', { vatRatePct: 7.7, isVatMismatch: false }],
		[
			'7.7 % of 2 JPY, as a fraction',
			2,
			2,
			0.077,
			undefined,
			'JPY',
			{ vatRatePct: 7.7, isVatMismatch: false },
		],
		['7.7 % of 0.12 EUR, as a fraction', 0.13, 0.12, 0.077, undefined, 'EUR', { vatRatePct: 7.7 }],
		[
			'a fraction that does not agree is no percentage',
			1,
			1,
			0.077,
			undefined,
			'EUR',
			{ isVatMismatch: true },
		],
		['25 % of 85 ISK', 106, 85, 0.25, undefined, 'ISK', { vatRatePct: 25, isVatMismatch: false }],
		['25 % of 3 ISK, from the settings', 4, 3, null, 25, 'ISK', { vatRatePct: 25 }],
		[
			'a VAT amount of 1 JPY is no rate of 1 %',
			11,
			10,
			1,
			undefined,
			'JPY',
			{ vatRatePct: 10, isVatMismatch: false },
		],
		['nothing without VAT under a positive rate', 5, 0, 0.25, undefined, 'EUR', { isVatMismatch: true }],
		['nothing without VAT under no rate', 5, 0, null, undefined, 'EUR', { isVatMismatch: true }],
		['nothing with VAT', 0, 5, null, 25, 'EUR', { isVatMismatch: true }],
		['more without VAT than with it', 100, 125, null, undefined, 'EUR', { isVatMismatch: true }],
		['negative amounts', -125, -100, 0.25, undefined, 'EUR', { vatRatePct: 25, isVatMismatch: false }],
		['a rate that is none', 125, null, 300, undefined, 'EUR', { amountExclVat: null, isVatMismatch: true }],
	])('%s', (_, incl, excl, named, rate, currency, expected) => {
		expect(completeMoney(incl, excl, named, rate, currency)).toMatchObject(expected);
	});

	it('right amounts of any currency agree with their rate, and their missing half is right', () => {
		const currencies = fc.constantFrom<[string, number]>(['EUR', 2], ['JPY', 0], ['ISK', 0], ['KWD', 3]);
		const rates = fc.constantFrom(5, 7.7, 19, 20, 21, 22, 25, 25.5);
		fc.assert(
			fc.property(
				fc.integer({ min: 1, max: 200_000 }),
				currencies,
				rates,
				fc.boolean(),
				(units, [currency, places], rate, asFraction) => {
					const unit = 10 ** -places;
					const excl = Number((units * unit).toFixed(places));
					// Half away from zero, in whole tenths of a percent.
					const incl = Number(
						(Math.floor((units * (1000 + Math.round(rate * 10)) + 500) / 1000) * unit).toFixed(places),
					);
					const named = asFraction ? Number((rate / 100).toFixed(4)) : rate;
					expect(completeMoney(incl, excl, named, undefined, currency)).toMatchObject({
						vatRatePct: rate,
						isVatMismatch: false,
					});
					expect(completeMoney(null, excl, named, undefined, currency).amountInclVat).toBe(incl);
				},
			),
		);
	});

	it('an amount at the half of its last unit is rounded up, though its binary product lies below', () => {
		expect(completeMoney(null, 187.89, 5, undefined, 'KWD').amountInclVat).toBe(197.285);
		expect(completeMoney(null, -187.89, 5, undefined, 'KWD').amountInclVat).toBe(-197.285);
	});

	it('a free session keeps the rate that its record names', () => {
		const row = spiriiRow({ price: { amount: 0, vatRate: 0.25, currency: 'DKK' } });
		expect(row).toMatchObject({ amountInclVat: 0, amountExclVat: 0, vatRatePct: 25, warnings: null });
	});

	it('zero asks for no VAT', () => {
		const [row] = rowsOf(
			legacyTransactionKind,
			[voltTime({ total_cost: '0.00', total_kwh: '0', meter_stop: 4_000_000 })],
			{
				vatRatePct: undefined,
			},
		);
		expect(row).toMatchObject({ amountExclVat: 0, warnings: null });
	});

	it.each(['kr.', '€', 'DKK ', 'kr', 'Euro', { code: 'DKK' }, 208])('the currency %p', (currency) => {
		const row = spiriiRow({ price: { amount: 10, amountExVat: 8, currency } });
		const isRead = currency === 'DKK ';
		expect(row.currency).toBe(isRead ? 'DKK' : null);
		expect(codesOf(row)).toEqual(isRead ? [] : ['currency-unreadable']);
	});

	it.each(['1.234,567.8', '1,234.567,8', '1.2.3', '12,34,56', '--5'])(
		'%p is unreadable, and said so',
		(amount) => {
			expect(readDecimal(amount)).toBeUndefined();
			const row = spiriiRow({ price: { amount, currency: 'DKK' } });
			expect(row).toMatchObject({ amountInclVat: null, warnings: 'amount-unreadable' });
		},
	);

	it('the amount and the energy of a trigger are read from texts with a decimal comma', () => {
		const snapshot = snapshotReader(legacyTransactionKind)(
			voltTime({ total_cost: '1.234,56', total_kwh: '11,35', meter_start: null, meter_stop: null }),
		);
		expect(snapshot).toMatchObject({ amountTenThousandths: 12_345_600, energyWh: 11_350 });
	});
});

describe('a value that cannot be read is said', () => {
	const ALL = { groups: ['address', 'commercial', 'origin', 'vehicle', 'driver'] as RowSettings['groups'] };
	it.each<[string, object, string]>([
		['a highest power', { highestPowerDrawn: '11 kW' }, 'number-unreadable'],
		['CO2', { co2: 'much' }, 'number-unreadable'],
		['a state of charge', { vehicleState: { firstValue: '20 %', lastValue: 80 } }, 'number-unreadable'],
		['a part of the duration', { duration: { total: 7200, charging: '1:30 h' } }, 'number-unreadable'],
		['whether it was roaming', { isRoaming: 'maybe' }, 'flag-unreadable'],
		['whether the site is marked', { location: { isEligibleForRefund: 'ja' } }, 'flag-unreadable'],
		[
			'whether the price is dynamic',
			{ price: { amount: 1, currency: 'DKK', isDynamic: 7 } },
			'flag-unreadable',
		],
	])('%s', (_, values, code) => {
		const [row] = rowsOf(chargeRecordKind, [spirii(values)], ALL);
		expect(codesOf(row)).toContain(code);
		expect(doubtsIn(row.warnings)).toEqual([]);
	});

	it('whether the vendor takes it for valid', () => {
		const [row] = rowsOf(teamTransactionKind, [voltTime({ charger: {}, is_valid: 'unknown' })]);
		expect(codesOf(row)).toContain('flag-unreadable');
	});

	it('and so it is in a row that comes back', () => {
		const [row] = rowsOf(chargeRecordKind, [spirii({})], ALL);
		for (const name of ['durationSeconds', 'maxPowerKw', 'socEndPct']) {
			const again = { ...row, [name]: '2:00' };
			expect(codesOf(rowReader([again])(again, { ...SETTINGS, ...ALL }))).toEqual(['number-unreadable']);
		}
	});
});

describe('any JSON', () => {
	const moment = fc
		.date({ min: new Date('1969-01-01'), max: new Date('2105-01-01'), noInvalidDate: true })
		.map((date) => date.toISOString());
	const hour = fc.integer({ min: 0, max: 40 }).map((h) => new Date(NOW - h * 3_600_000).toISOString());
	const number = fc.oneof(
		fc.double({ min: -500, max: 500, noNaN: true }),
		fc.double({ min: -1e7, max: 1e7, noNaN: true }),
		fc.integer({ min: -100, max: 100 }).map(String),
	);
	const some = <T>(...common: Array<fc.Arbitrary<T>>) =>
		fc.oneof({ weight: 8, arbitrary: fc.oneof(...common) }, { weight: 1, arbitrary: fc.jsonValue() });
	const time = some(
		moment,
		hour,
		fc.constantFrom<unknown>(null, '', ...OPEN, ...WRONG, ...UNREADABLE) as fc.Arbitrary<string>,
	);
	const record = fc.record(
		{
			start: time,
			end: time,
			energy: some(number),
			first: some(number),
			last: some(number),
			power: some(number),
			cost: some(number),
			currency: some(fc.constantFrom('DKK', 'kr.', '')),
			status: some(fc.constantFrom('finished', 'active')),
		},
		{ requiredKeys: [] },
	);
	type Values = Partial<
		Record<'start' | 'end' | 'energy' | 'first' | 'last' | 'power' | 'cost' | 'currency' | 'status', unknown>
	>;
	const KINDS: Array<[string, Parameters<typeof rowWriter>[0], (values: Values) => object]> = [
		[
			'Spirii charge record',
			chargeRecordKind,
			(v) => ({
				transactionId: 1,
				startedAt: v.start,
				endedAt: v.end,
				consumed: v.energy,
				meterStart: v.first,
				meterStop: v.last,
				highestPowerDrawn: v.power,
				price: { amount: v.cost, currency: v.currency },
			}),
		],
		[
			'Volt Time',
			legacyTransactionKind,
			(v) => ({
				id: 1,
				started_at: v.start,
				stopped_at: v.end,
				total_kwh: v.energy,
				meter_start: v.first,
				meter_stop: v.last,
				total_cost: v.cost,
			}),
		],
		[
			'Volt Time of a team',
			teamTransactionKind,
			(v) => ({
				id: 1,
				started_at: v.start,
				stopped_at: v.end,
				total_kwh: v.energy,
				meter_start: v.first,
				meter_stop: v.last,
				status: v.status,
			}),
		],
	];

	it.each(KINDS)('%s: no exception, and no doubt in silence', (_, kind, recordOf) => {
		fc.assert(
			fc.property(record, fc.constantFrom('end', 'start'), (values, billBy) => {
				const [row] = rowsOf(kind, [recordOf(values)], { billBy: billBy as 'end' | 'start' });
				const codes = codesOf(row);
				const energy = row.energyKwh as number | null;
				const [start, stop] = [row.meterStartKwh, row.meterStopKwh] as Array<number | null>;
				const [from, to] = [row.startedAt, row.endedAt].map((at) => Date.parse(String(at)));
				if (energy !== null && energy < 0) expect(codes).toContain('energy-negative');
				if (start !== null && stop !== null && stop < start) expect(codes).toContain('meter-backwards');
				if (energy !== null && energy > 0 && to >= from) {
					const power = Number(row.maxPowerKw) > 0 ? Number(row.maxPowerKw) * 1.1 : 400;
					const isPossible = energy <= ((to - from) / 3_600_000 + 1 / 60) * power;
					if (!isPossible) expect(codes.some((code) => /^(energy|time)-implausible$/.test(code))).toBe(true);
				}
				if (to < from) expect(codes).toContain('end-before-start');
				if (to - from > 60 * 24 * 3_600_000) expect(codes).toContain('time-implausible');
				for (const at of [from, to])
					if (at > NOW + 24 * 3_600_000) expect(codes).toContain('time-implausible');
				for (const at of [from, to])
					if (!Number.isNaN(at)) expect(at).toBeGreaterThanOrEqual(Date.UTC(2001, 0, 1));
				if (row.status === 'completed' && row.endedAt === null)
					expect(codes.some((code) => /^(end-unknown|time-implausible|time-unreadable)$/.test(code))).toBe(
						true,
					);
				if (row.billingMonth !== null) expect(row.billingMonth).toMatch(/^20\d\d-(0[1-9]|1[0-2])$/);
				expect(
					toOcpi(row, { version: '2.2.1', pricesIncludeVat: true, isDriverReadable: false })._warnings,
				).toEqual(expect.arrayContaining(codes));
				const snapshot = snapshotReader(kind)(recordOf(values) as Record<string, unknown>);
				expect(snapshot?.endedAt !== undefined).toBe(row.status === 'completed');
			}),
		);
	});
});

describe('the codes', () => {
	it('have a kind each, and missing settings are no doubt', () => {
		expect(Object.keys(WARNING_KINDS).sort()).toEqual(Object.keys(WARNINGS).sort());
		expect(settingsMissingIn('meter-mismatch;no-currency;no-vat')).toEqual(['no-currency', 'no-vat']);
		expect(doubtsIn('meter-mismatch;no-currency;no-vat;overlapping')).toEqual([
			'meter-mismatch',
			'overlapping',
		]);
		for (const none of ['', null, 'unheard-of', 'toString']) expect(doubtsIn(none)).toEqual([]);
	});
});
