import { localDate } from '../../../nodes/shared/session/localDate';

test.each([
	['2026-01-31T23:30:00Z', 'Europe/Copenhagen', '2026-02-01'],
	['2026-01-31T22:30:00Z', 'Europe/Copenhagen', '2026-01-31'],
	['2026-06-30T22:00:00Z', 'Europe/Copenhagen', '2026-07-01'],
	['2026-06-30T21:59:59Z', 'Europe/Copenhagen', '2026-06-30'],
	['2026-06-30T23:30:00Z', 'Europe/London', '2026-07-01'],
	['2026-01-01T03:00:00Z', 'America/New_York', '2025-12-31'],
	['2026-01-01T18:20:00Z', 'Asia/Kathmandu', '2026-01-02'],
	['2026-01-01T12:00:00Z', 'UTC', '2026-01-01'],
])('%s is in %s on %s', (time, zone, day) => {
	expect(localDate(Date.parse(time), zone)).toBe(day);
	expect(localDate(Date.parse(time), zone)).toBe(day);
});

test.each(['', 'Europe/Nowhere', '<string>', '__proto__'])('there is no zone %j', (zone) => {
	expect(localDate(0, zone)).toBeUndefined();
});

// Clocks are changed at midnight, by half an hour, and over a whole day.
test.each([
	[2026, 'Europe/Copenhagen'],
	[2018, 'America/Sao_Paulo'],
	[2026, 'Australia/Lord_Howe'],
	[2011, 'Pacific/Apia'],
])('is what the calendar shows at every quarter of an hour of %i in %s', (year, timeZone) => {
	const date = { year: 'numeric', month: '2-digit', day: '2-digit' } as const;
	const calendar = new Intl.DateTimeFormat('sv-SE', { timeZone, ...date });
	for (let time = Date.UTC(year); time < Date.UTC(year + 1); time += 900_000) {
		const shown = calendar.format(time);
		if (localDate(time, timeZone) !== shown) expect([time, localDate(time, timeZone)]).toEqual([time, shown]);
	}
});
