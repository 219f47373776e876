import { execFileSync } from 'node:child_process';
import path from 'node:path';

import * as fc from 'fast-check';
import { DateTime, Settings } from 'luxon';

import { InputError } from '../../../nodes/shared/util/errors';
import { readDate, readUtc, toIsoUtc, toSecondsUtc } from '../../../nodes/shared/parameters/dates';

const COPENHAGEN = 'Europe/Copenhagen';
const NEW_YORK = 'America/New_York';

const read = (given: unknown, timezone = COPENHAGEN) =>
	readDate(given, timezone, 'Updated From').toISOString();

it.each([
	['a calendar date', '2026-01-31', '2026-01-30T23:00:00.000Z'],
	['a basic calendar date', '20260131', '2026-01-30T23:00:00.000Z'],
	['a month', '2026-01', '2025-12-31T23:00:00.000Z'],
	['a year', '2026', '2025-12-31T23:00:00.000Z'],
	['a week date', '2026-W05-6', '2026-01-30T23:00:00.000Z'],
	['a basic week date', '2026W056', '2026-01-30T23:00:00.000Z'],
	['a week', '2026-W05', '2026-01-25T23:00:00.000Z'],
	['an ordinal date', '2026-031', '2026-01-30T23:00:00.000Z'],
	['a basic ordinal date', '2026031', '2026-01-30T23:00:00.000Z'],
	['29 February of a leap year', '2028-02-29', '2028-02-28T23:00:00.000Z'],
	['a time', '2026-01-31T08:00:00', '2026-01-31T07:00:00.000Z'],
	['a time behind a blank', '2026-01-31 08:00:00', '2026-01-31T07:00:00.000Z'],
	['hours and minutes', '2026-01-31T08:30', '2026-01-31T07:30:00.000Z'],
	['hours only', '2026-01-31T08', '2026-01-31T07:00:00.000Z'],
	['hours only behind a blank', '2026-01-31 08', '2026-01-31T07:00:00.000Z'],
	['a basic date and time', '20260131T083000', '2026-01-31T07:30:00.000Z'],
	['a basic date and time behind a blank', '20260131 0830', '2026-01-31T07:30:00.000Z'],
	['a week date with time', '2026-W05-6T08:00', '2026-01-31T07:00:00.000Z'],
	['an ordinal date with time', '2026-031 08:00', '2026-01-31T07:00:00.000Z'],
	['milliseconds', '2026-01-31T08:00:00.123Z', '2026-01-31T08:00:00.123Z'],
	['microseconds', '2026-01-31T08:00:00.123456Z', '2026-01-31T08:00:00.123Z'],
	['a fraction behind a comma', '2026-01-31T08:00:00,5Z', '2026-01-31T08:00:00.500Z'],
	['a fraction behind a comma, blank before', '2026-01-31 08:00:00,5', '2026-01-31T07:00:00.500Z'],
	['Z', '2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
	['Z on a basic time', '20260131T080000Z', '2026-01-31T08:00:00.000Z'],
	['an offset with hours', '2026-01-31T08:00:00+02', '2026-01-31T06:00:00.000Z'],
	['a basic offset', '2026-01-31T08:00:00+0200', '2026-01-31T06:00:00.000Z'],
	['an extended offset', '2026-01-31T08:00:00+02:00', '2026-01-31T06:00:00.000Z'],
	['an offset to the west', '2026-01-31T08:00:00-05:30', '2026-01-31T13:30:00.000Z'],
	['an offset behind a blank time', '2026-01-31 08:00+02:00', '2026-01-31T06:00:00.000Z'],
	['an offset that changes the day', '2026-01-31T23:30:00-02:00', '2026-02-01T01:30:00.000Z'],
	['midnight at the end of the day', '2026-01-31T24:00:00Z', '2026-02-01T00:00:00.000Z'],
	['midnight at the end, behind a blank', '2026-01-31 24:00', '2026-01-31T23:00:00.000Z'],
	['an expanded year', '+002026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
	['blanks around', '  2026-01-31T08:00:00Z\n', '2026-01-31T08:00:00.000Z'],
])('%s is read: %s', (_, given, utc) => {
	expect(read(given)).toBe(utc);
});

it('what the date picker of n8n gives is read in the time zone of the workflow', () => {
	expect(read('2026-01-31T08:00:00', COPENHAGEN)).toBe('2026-01-31T07:00:00.000Z');
	expect(read('2026-01-31T08:00:00', NEW_YORK)).toBe('2026-01-31T13:00:00.000Z');
	expect(read('2026-07-31T08:00:00', COPENHAGEN)).toBe('2026-07-31T06:00:00.000Z');
});

it.each([
	['2026-03-29T01:59:59', COPENHAGEN, '2026-03-29T00:59:59.000Z'],
	// 02:30 does not exist on that day: the clock goes on from 03:00.
	['2026-03-29T02:30:00', COPENHAGEN, '2026-03-29T01:30:00.000Z'],
	['2026-03-29T03:00:00', COPENHAGEN, '2026-03-29T01:00:00.000Z'],
	['2026-03-08T02:30:00', NEW_YORK, '2026-03-08T07:30:00.000Z'],
	// 02:30 exists twice on that day: the first is taken.
	['2026-10-25T02:30:00', COPENHAGEN, '2026-10-25T00:30:00.000Z'],
	['2026-10-25T03:00:00', COPENHAGEN, '2026-10-25T02:00:00.000Z'],
	['2026-11-01T01:30:00', NEW_YORK, '2026-11-01T05:30:00.000Z'],
	// An offset names either of the two.
	['2026-10-25T02:30:00+01:00', COPENHAGEN, '2026-10-25T01:30:00.000Z'],
	// Midnight does not exist where summer time begins at that hour, a whole day where the date line moved.
	['2026-03-08', 'America/Havana', '2026-03-08T05:00:00.000Z'],
	['2011-12-30T12:00:00', 'Pacific/Apia', '2011-12-30T22:00:00.000Z'],
])('%s in %s, where the clock changes, is %s', (given, timezone, utc) => {
	expect(read(given, timezone)).toBe(utc);
});

it('a Date and a DateTime of an expression keep their moment, whatever the time zone of the workflow', () => {
	const moment = '2026-01-31T08:00:00.000Z';
	expect(read(new Date(moment), NEW_YORK)).toBe(moment);
	expect(read(DateTime.fromISO(moment), NEW_YORK)).toBe(moment);
	expect(read(DateTime.fromISO(moment, { zone: 'Asia/Kathmandu' }), NEW_YORK)).toBe(moment);
	expect(read(DateTime.fromISO('2026-01-31T08:00', { zone: COPENHAGEN }).toISO(), NEW_YORK)).toBe(
		'2026-01-31T07:00:00.000Z',
	);
});

it.each([
	'2026-02-30',
	'2026-02-30T10:00:00Z',
	'2026-02-30 10:00',
	'2026-02-30T24:00',
	'+002026-02-30',
	'20260230',
	'2026-02-29',
	'2026-04-31',
	'2026-13-01',
	'2026-00-10',
	'2026-01-00',
	'2026-366',
	'2026-000',
	'2026-W54',
	'2026-W05-8',
	'2026-01-31T25:00',
	'2026-01-31T24:01',
	'2026-01-31T08:60',
	'2026-01-31T08:00:61',
	'2026-01-31T08:00+99:00',
	'12',
	'7',
	'foo',
	'today',
	'01/02/2026',
	'31.01.2026',
	'31-01-2026',
	'Sat, 31 Jan 2026 08:00:00 GMT',
	'2026-1-31',
	'2026-01-31 8:00',
	'2026-01-31 08:00 PM',
	'2026-01-31 08:00:00 EST',
	'2026-01-31T08:00 (noon)',
	'2026-01-31T',
	'2026-01-31foo',
	'1769846400',
	'1769846400000',
	'202613',
	'1700000',
	'',
	'   ',
	'null',
])('"%s" is refused', (given) => {
	expect(() => read(given)).toThrow(InputError);
});

it.each([
	['a number', 12],
	['a year as a number', 2026],
	['a day as a number', 20260131],
	['seconds since 1970', 1_769_846_400],
	['milliseconds since 1970', 1_769_846_400_000],
	['true', true],
	['a list', ['2026-01-31']],
	['an object', { date: '2026-01-31' }],
	['an object that turns into nothing', { toString: 1, valueOf: 2 }],
	['null', null],
	['undefined', undefined],
	['a Date that is none', new Date('foo')],
	['a DateTime that is none', DateTime.fromISO('foo')],
])('%s is refused', (_, given) => {
	expect(() => read(given)).toThrow(InputError);
});

it('the error names the parameter, what came and what is allowed', () => {
	expect(() => read('01/02/2026')).toThrow(
		'"Updated From" must be a date such as 2026-01-31 or 2026-01-31T08:00:00Z, but "01/02/2026" was given',
	);
});

it('the time zone of the machine does not matter', () => {
	const before = Settings.defaultZone;
	try {
		for (const zone of [NEW_YORK, 'Asia/Tokyo']) {
			Settings.defaultZone = zone;
			expect(read('2026-01-31T08:00')).toBe('2026-01-31T07:00:00.000Z');
			expect(read('2026-01')).toBe('2025-12-31T23:00:00.000Z');
		}
	} finally {
		Settings.defaultZone = before;
	}
});

it('dates are sent in UTC: as ISO 8601 with Z, or in whole seconds', () => {
	const date = new Date('2026-01-31T08:00:00.999Z');
	expect(toIsoUtc(date)).toBe('2026-01-31T08:00:00.999Z');
	expect(toSecondsUtc(date)).toBe('2026-01-31 08:00:00');
});

it('any moment that is written as ISO 8601 is read as the same moment', () => {
	const moment = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
	const zone = fc.constantFrom(COPENHAGEN, NEW_YORK, 'Asia/Kathmandu', 'UTC');
	fc.assert(
		fc.property(moment, zone, zone, (date, written, workflow) => {
			const local = DateTime.fromJSDate(date, { zone: written });
			for (const format of ['basic', 'extended'] as const) {
				expect(read(local.toISO({ format }), workflow)).toBe(date.toISOString());
			}
			expect(read(local.toISOWeekDate() + 'T' + local.toISOTime(), workflow)).toBe(date.toISOString());
		}),
	);
});

it('any other text is read as a moment or refused with an InputError, and nothing else happens', () => {
	const shaped = fc.stringMatching(
		/^[+-]?\d{4,8}[-W]?\d{0,3}-?\d{0,2}[T ]?[\d:.,]{0,12}(Z|[+-]\d{2}:?\d{0,2})?$/,
	);
	fc.assert(
		fc.property(fc.oneof(shaped, fc.string(), fc.jsonValue()), (given) => {
			try {
				expect(readDate(given, COPENHAGEN, 'Date').getTime()).not.toBeNaN();
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 2000 },
	);
});

describe('a time that an API wrote', () => {
	const NOON = '2026-01-31T12:00:00.000Z';

	it.each([
		['2026-01-31T12:00:00.000Z', NOON],
		['2026-01-31T12:00:00Z', NOON],
		['2026-01-31T12:00:00z', NOON],
		['2026-01-31T14:00:00+02:00', NOON],
		['2026-01-31T14:00:00+0200', NOON],
		['2026-01-31T06:30:00-05:30', NOON],
		['2026-01-31 14:00:00+02:00', NOON],
		['2026-01-31 12:00:00Z', NOON],
		// The forms of Volt Time: in UTC, though they do not say so.
		['2026-01-31 12:00:00', NOON],
		['2026-01-31T12:00:00', NOON],
		['2026-01-31 12:00:00.123', '2026-01-31T12:00:00.123Z'],
		['2026-01-31T12:00:00.000000Z', NOON],
		['2026-01-31T12:00:00.123456Z', '2026-01-31T12:00:00.123Z'],
		['2026-01-31T12:00', NOON],
		['2026-01-31', '2026-01-31T00:00:00.000Z'],
		// No clock changes in UTC: 02:30 exists on each day, once.
		['2026-03-29 02:30:00', '2026-03-29T02:30:00.000Z'],
		['2026-10-25 02:30:00', '2026-10-25T02:30:00.000Z'],
	])('%s is %s', (given, utc) => {
		expect(readUtc(given)).toBe(Date.parse(utc));
	});

	it.each([
		undefined,
		null,
		'',
		' ',
		'null',
		'soon',
		'Z',
		'2026-13-01 00:00:00',
		'0000-00-00 00:00:00',
		0,
		1_769_860_800,
		true,
		{},
		[NOON],
	])('is none where %p stands', (given) => {
		expect(readUtc(given)).toBeUndefined();
	});

	it('is read as the moment that was meant, with and without an offset', () => {
		const moment = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
		const zone = fc.constantFrom(COPENHAGEN, NEW_YORK, 'Asia/Kathmandu', 'UTC');
		fc.assert(
			fc.property(moment, zone, (date, written) => {
				expect(readUtc(DateTime.fromJSDate(date, { zone: written }).toISO())).toBe(date.getTime());
				const naive = date.toISOString().replace('Z', '');
				expect(readUtc(naive)).toBe(date.getTime());
				expect(readUtc(naive.replace('T', ' '))).toBe(date.getTime());
			}),
		);
	});

	it('in the form that JavaScript writes is what JavaScript reads, and none on days that do not exist', () => {
		const parts = [9999, 13, 32, 25, 61, 61, 999].map((max) => fc.nat({ max }));
		const written = fc.tuple(...parts).map(([year, ...rest]) => {
			const [month, day, hour, minute, second] = rest.map((part) => String(part).padStart(2, '0'));
			const fraction = String(rest[5]).padStart(3, '0');
			return `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`;
		});
		fc.assert(
			fc.property(written, (given) => {
				const time = Date.parse(given);
				const midnight = Date.parse(`${given.slice(0, 11)}00:00:00.000Z`);
				const exists =
					!Number.isNaN(time) && new Date(midnight).toISOString().slice(8, 10) === given.slice(8, 10);
				expect(readUtc(given)).toBe(exists ? time : undefined);
			}),
			{ numRuns: 5000, examples: [['2026-02-30T00:00:00.000Z'], ['2026-01-31T24:00:00.000Z']] },
		);
	});

	it('is a whole moment or none, whatever stands there', () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string(), fc.jsonValue(), fc.stringMatching(/^\d{4}-\d\d-\d\d[T ]?[\d:.]*Z?$/)),
				(given) => {
					const moment = readUtc(given);
					if (moment !== undefined) expect(new Date(moment).getTime()).toBe(moment);
				},
			),
			{ numRuns: 1000 },
		);
	});

	it('does not depend on the time zone of the machine', () => {
		const read = `console.log(require('./nodes/shared/parameters/dates').readUtc('2026-01-31 12:00:00'))`;
		const output = execFileSync(process.execPath, ['--import', 'tsx', '-e', read], {
			cwd: path.join(__dirname, '../../..'),
			env: { ...process.env, TZ: NEW_YORK },
			encoding: 'utf8',
		});
		expect(output.trim()).toBe(String(Date.parse(NOON)));
	});
});
