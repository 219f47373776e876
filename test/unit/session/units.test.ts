import type { SessionFields } from '../../../nodes/shared/session/fields';
import { meterUnitOf, unitsOf } from '../../../nodes/shared/session/units';

const asIs = (fields: SessionFields) => fields;

/** A session of that many seconds, with a duration as the record says it. */
const session = (seconds: number, durationTotal: unknown) => ({
	startedAt: '2026-01-01T00:00:00.000Z',
	endedAt: new Date(Date.UTC(2026, 0, 1) + seconds * 1000).toISOString(),
	durationTotal,
});

describe('the unit of durations', () => {
	test.each([
		['seconds', [session(3600, 3600), session(7260, 7260)], 1],
		['minutes', [session(3600, 60), session(7260, 121)], 60],
		['hours', [session(36_000, 10), session(72_000, 20)], 3600],
		['milliseconds', [session(3600, 3_600_000), session(7260, 7_260_000)], 0.001],
		['seconds, although one says nothing', [session(780, 0), session(3600, 3600)], 1],
		[
			'minutes, although a short one could be either',
			[session(60, 1), session(7260, 121), session(3600, 60)],
			60,
		],
		['seconds, two percent off', [session(10_000, 9810)], 1],
		['no unit', [session(3600, 17)], undefined],
		['no unit, without durations', [session(3600, undefined)], undefined],
	])('is %s', (_, page, unit) => {
		expect(unitsOf(page, asIs, undefined).durationUnit).toBe(unit);
	});
});

describe('the unit of meters', () => {
	test.each([
		[{ meterStart: 100, meterStop: 110, energyKwh: 10 }, 'kWh'],
		[{ meterStart: 29_317, meterStop: 37_253, energyKwh: '7.94' }, 'Wh'],
		[{ meterStart: 0, meterStop: 12.34, energyKwh: 12.34 }, 'kWh'],
		[{ meterStart: 123, meterStop: 123, energyKwh: 123 }, undefined],
		[{ meterStart: 0, meterStop: 0, energyKwh: 0 }, undefined],
		[{ meterStart: 5, energyKwh: 3 }, undefined],
	])('of %j is %s', (facts, unit) => {
		expect(meterUnitOf(facts)).toBe(unit);
	});

	test('of a page is that of most of its records, or the one the vendor names', () => {
		const kWh = { meterStart: 0, meterStop: 5, energyKwh: 5 };
		const Wh = { meterStart: 0, meterStop: 5000, energyKwh: 5 };
		expect(unitsOf([Wh, Wh, kWh], asIs, undefined).meterUnit).toBe('Wh');
		expect(unitsOf([kWh], asIs, 'Wh').meterUnit).toBe('Wh');
		expect(unitsOf([{}], asIs, undefined).meterUnit).toBeUndefined();
	});
});
