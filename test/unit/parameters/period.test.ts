import { describePeriod, narrow, periodOf } from '../../../nodes/shared/parameters/period';
import type { Parameters } from '../../../nodes/shared/parameters/types';

const ZONE = 'Europe/Copenhagen';

const boundsOf = (period: string, now: string, zone = ZONE) => {
	const { from, before } = periodOf({ period, periodBy: 'end' }, Date.parse(now), zone) ?? {};
	return [from?.toISOString(), before?.toISOString()];
};

describe('a period is made of whole days of the workflow', () => {
	test.each([
		['lastMonth', '2026-07-15T12:00:00Z', '2026-05-31T22:00:00.000Z', '2026-06-30T22:00:00.000Z'],
		['lastMonth', '2026-01-01T00:30:00Z', '2025-11-30T23:00:00.000Z', '2025-12-31T23:00:00.000Z'],
		['thisMonth', '2026-07-15T12:00:00Z', '2026-06-30T22:00:00.000Z', '2026-07-31T22:00:00.000Z'],
		['yesterday', '2026-07-15T12:00:00Z', '2026-07-13T22:00:00.000Z', '2026-07-14T22:00:00.000Z'],
		['last7Days', '2026-07-15T12:00:00Z', '2026-07-07T22:00:00.000Z', '2026-07-14T22:00:00.000Z'],
	])('%s at %s is %s to %s', (period, now, from, before) => {
		expect(boundsOf(period, now)).toEqual([from, before]);
	});

	test('in the first hours of a month, last month depends on the time zone', () => {
		const now = '2026-06-30T23:00:00Z';
		expect(boundsOf('lastMonth', now, 'Europe/Copenhagen')[1]).toBe('2026-06-30T22:00:00.000Z');
		expect(boundsOf('lastMonth', now, 'UTC')[1]).toBe('2026-06-01T00:00:00.000Z');
		expect(boundsOf('lastMonth', now, 'Pacific/Kiritimati')[1]).toBe('2026-06-30T10:00:00.000Z');
	});

	test('the days on which the clocks change have 23 and 25 hours', () => {
		expect(boundsOf('yesterday', '2026-03-30T12:00:00Z')).toEqual([
			'2026-03-28T23:00:00.000Z',
			'2026-03-29T22:00:00.000Z',
		]);
		expect(boundsOf('yesterday', '2026-10-26T12:00:00Z')).toEqual([
			'2026-10-24T22:00:00.000Z',
			'2026-10-25T23:00:00.000Z',
		]);
	});

	test('twelve months join without a gap', () => {
		const months = Array.from({ length: 12 }, (_, month) =>
			boundsOf('lastMonth', new Date(Date.UTC(2026, month, 15)).toISOString()),
		);
		months.slice(1).forEach(([from], index) => expect(from).toBe(months[index][1]));
	});
});

describe('between dates', () => {
	const [june, july] = [new Date('2026-05-31T22:00:00Z'), new Date('2026-06-30T22:00:00Z')];
	const between = (periodFrom?: Date, periodBefore?: Date) =>
		periodOf({ period: 'between', periodBy: 'start', periodFrom, periodBefore }, 0, ZONE);

	test('takes the two moments as they are, or one of them', () => {
		expect(between(june, july)).toEqual({ by: 'start', from: june, before: july });
		expect(between(undefined, july)).toEqual({ by: 'start', from: undefined, before: july });
	});

	test('refuses none of the two, and an end that is not after the beginning', () => {
		expect(() => between()).toThrow('"Period" is Between Dates, but neither "From" nor "Before" was given');
		expect(() => between(july, june)).toThrow('"Before" must be later than "From"');
		expect(() => between(june, june)).toThrow('"Before" must be later than "From"');
	});
});

test('all sessions have no period', () => {
	expect(periodOf({ period: 'all' }, 0, ZONE)).toBeUndefined();
});

test('a filter that is narrower than the period stays', () => {
	const at = (text: string) => new Date(text);
	const parameters: Parameters = {
		values: { endedAt: at('2026-06-10T00:00:00Z'), endedAtMax: at('2026-08-01T00:00:00Z') },
		labels: {},
		query: { endedAt: 'as it was', endedAtMax: 'as it was' },
		body: {},
		blankFilters: [],
	};
	const june = { by: 'end' as const, from: at('2026-06-01T00:00:00Z'), before: at('2026-07-01T00:00:00Z') };
	narrow(june, parameters, { from: 'endedAt', to: 'endedAtMax' }, (date) => date.toISOString());
	expect(parameters.query).toEqual({ endedAt: 'as it was', endedAtMax: '2026-06-30T23:59:59.999Z' });
});

test('a period is described in the time zone of the workflow', () => {
	const period = periodOf(
		{ period: 'lastMonth', periodBy: 'end' },
		Date.parse('2026-07-15T12:00:00Z'),
		ZONE,
	)!;
	expect(describePeriod(period, ZONE)).toBe(
		'2026-06-01 00:00 to 2026-07-01 00:00 (Europe/Copenhagen), by the end of the session',
	);
});
