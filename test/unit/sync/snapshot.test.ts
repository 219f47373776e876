import * as fc from 'fast-check';

import {
	changedCategories,
	digest,
	fieldsMark,
	lastMoment,
	snapshotReader,
	FINGERPRINT_LENGTH,
	fingerprintOf,
	wholeOf,
	type SessionSnapshot,
} from '../../../nodes/shared/sync/snapshot';
import {
	CHANGE_CATEGORIES,
	emptyToUndefined,
	type ChangeCategory,
	type RecordKind,
} from '../../../nodes/shared/session/fields';
import { NOON } from './fakeSource';

const EVENTS = ['completed', 'started', 'changed', 'corrected'] as const;
/** Events for which versions are told apart. */
const VERSIONED = ['changed', 'corrected'] as const;

const parts = (given: Partial<Record<ChangeCategory, unknown>> = {}): Record<ChangeCategory, unknown> => ({
	energy: { consumed: 7.94 },
	time: { endedAt: '2026-01-31T12:00:00.000Z' },
	price: { amount: 31.02, currency: 'DKK' },
	driver: { card: { name: 'card 1' } },
	other: {},
	...given,
});
const sighting = (given: Partial<SessionSnapshot> = {}): SessionSnapshot => ({
	id: 8_400_003,
	categories: parts(),
	...given,
});
const print = (
	given: Partial<Record<ChangeCategory, unknown>>,
	event: (typeof EVENTS)[number] = 'corrected',
) => fingerprintOf(sighting({ categories: parts(given) }), event);

const anyValue = fc.jsonValue({ maxDepth: 3 });
const anyParts = fc.record({
	energy: anyValue,
	time: anyValue,
	price: anyValue,
	driver: anyValue,
	other: anyValue,
});

describe('the print of a version', () => {
	it.each(EVENTS)('has the length that belongs to the event %s, in URL-safe letters', (event) => {
		fc.assert(
			fc.property(anyParts, (given) => {
				expect(fingerprintOf(sighting({ categories: given }), event)).toMatch(
					new RegExp(`^[\\w-]{${FINGERPRINT_LENGTH[event]}}$`),
				);
			}),
		);
	});

	it('costs nothing where versions do not matter', () => {
		expect(FINGERPRINT_LENGTH).toEqual({ completed: 0, started: 0, changed: 8, corrected: 13 });
	});

	it.each(VERSIONED)('does not depend on the order of fields, however deep, for %s', (event) => {
		const turn = (value: unknown): unknown => {
			if (Array.isArray(value)) return value.map(turn);
			if (typeof value !== 'object' || value === null) return value;
			const fields = Object.entries(value).map(([name, field]) => [name, turn(field)]);
			return Object.fromEntries(fields.reverse());
		};
		fc.assert(
			fc.property(anyParts, (given) => {
				const turned = turn(given) as Record<ChangeCategory, unknown>;
				expect(fingerprintOf(sighting({ categories: turned }), event)).toBe(
					fingerprintOf(sighting({ categories: given }), event),
				);
			}),
		);
	});

	it.each(VERSIONED)('takes null for missing, however deep, for %s', (event) => {
		const plain = { id: 1, tags: [{ name: 'a' }] };
		const filled = { id: 1, voucher: null, none: undefined, tags: [{ name: 'a', until: null }] };
		expect(print({ other: filled }, event)).toBe(print({ other: plain }, event));
	});

	it.each(VERSIONED)('depends on the order of a list and on what is null in it, for %s', (event) => {
		const prints = [[1, 2], [2, 1], [1, 2, null], [null, 1, 2], [1, [2]], []].map((list) =>
			print({ other: { list } }, event),
		);
		expect(new Set(prints).size).toBe(prints.length);
	});

	it.each(VERSIONED)('tells types and neighbours apart, for %s', (event) => {
		const values = [1, '1', true, 'true', 0, '', false, 'null', [], {}, { a: 1 }, { a: { a: 1 } }, { b: 1 }];
		const prints = values.map((value) => print({ other: { value } }, event));
		expect(new Set(prints).size).toBe(prints.length);
	});

	it.each(VERSIONED)('is another one for a change in any part, for %s', (event) => {
		for (const part of CHANGE_CATEGORIES) {
			for (let value = 0; value < 500; value++) {
				expect(print({ [part]: { value } }, event)).not.toBe(print({}, event));
			}
		}
	});

	it.each(VERSIONED)('is another one where a value moves from one part to another, for %s', (event) => {
		expect(print({ energy: {}, other: { x: 1 } }, event)).not.toBe(
			print({ energy: { x: 1 }, other: {} }, event),
		);
	});

	it.each(EVENTS)('does not depend on the times and numbers beside the parts, for %s', (event) => {
		const before = sighting({ updatedAt: NOON, startedAt: 1, endedAt: 2, createdAt: 3, energyWh: 4 });
		const after = sighting({ updatedAt: NOON + 1, id: 'another', amountTenThousandths: 500 });
		expect(fingerprintOf(after, event)).toBe(fingerprintOf(before, event));
	});

	it.each(VERSIONED)('of 50,000 versions differs, whatever changed, for %s', (event) => {
		// 26 bits let about one pair in 5000 versions coincide by chance, in all five parts together; eight letters have 48.
		const count = event === 'changed' ? 50_000 : 5000;
		let same = 0;
		for (const part of CHANGE_CATEGORIES) {
			const prints = new Set<string>();
			for (let value = 0; value < count; value++) prints.add(print({ [part]: { value } }, event));
			same += count - prints.size;
		}
		expect(same).toBeLessThanOrEqual(event === 'changed' ? 0 : 5);
	});
});

describe('the parts in which two prints differ', () => {
	const subsets = Array.from({ length: 2 ** CHANGE_CATEGORIES.length }, (_, bits) =>
		CHANGE_CATEGORIES.filter((_part, index) => bits & (2 ** index)),
	);

	it.each(subsets.map((subset) => [subset.join(', ') || 'none', subset] as const))(
		'are those that changed: %s',
		(_, changed) => {
			const after = Object.fromEntries(changed.map((part) => [part, { another: part }]));
			expect(changedCategories(print({}), print(after))).toEqual(changed);
			expect(changedCategories(print(after), print({}))).toEqual(changed);
		},
	);

	it('are never parts that are the same', () => {
		fc.assert(
			fc.property(anyParts, anyParts, fc.subarray([...CHANGE_CATEGORIES]), (one, other, changed) => {
				const after = Object.fromEntries(
					CHANGE_CATEGORIES.map((part) => [part, (changed.includes(part) ? other : one)[part]]),
				);
				const named = changedCategories(print(one), print(after));
				expect(changed).toEqual(expect.arrayContaining(named));
			}),
		);
	});

	it('miss a changed part about once in 2048 times', () => {
		let missed = 0;
		for (let value = 0; value < 12_288; value++) {
			if (changedCategories(print({}), print({ price: { value } })).length === 0) missed++;
		}
		// Six are expected; the values are always the same, so this does not depend on chance.
		expect(missed).toBeGreaterThan(0);
		expect(missed).toBeLessThan(12);
	});
});

describe('a number in whole parts of its unit', () => {
	it.each<[unknown, number, number | undefined]>([
		['7.94', 1000, 7940],
		[7.94, 1000, 7940],
		['31.02', 100, 3102],
		[31.02, 100, 3102],
		[0.1 + 0.2, 100, 30],
		[1.005, 1000, 1005],
		[0, 100, 0],
		['0', 100, 0],
		[-31.02, 100, -3102],
		['-0.5', 100, -50],
		['  5 ', 1, 5],
		['1e3', 1, 1000],
		['', 1000, undefined],
		['   ', 1000, undefined],
		[null, 1000, undefined],
		[undefined, 1000, undefined],
		['31,02', 100, 3102],
		['1.234,56', 100, 123_456],
		['1.234,567.8', 100, undefined],
		['31.02 DKK', 100, undefined],
		[NaN, 100, undefined],
		['NaN', 100, undefined],
		[Infinity, 100, undefined],
		['Infinity', 100, undefined],
		[1e20, 100, undefined],
		['1e20', 1, undefined],
		[true, 1, undefined],
		[[5], 1, undefined],
		[{ amount: 5 }, 1, undefined],
		[new Date(5), 1, undefined],
	])('%p in 1/%i is %p', (value, unit, whole) => {
		expect(wholeOf(value, unit)).toBe(whole);
	});

	it('is the same for a number and for the same number as text', () => {
		const cents = fc.integer({ min: -100_000_000, max: 100_000_000 });
		fc.assert(
			fc.property(cents, (amount) => {
				expect(wholeOf(amount / 100, 100)).toBe(amount);
				expect(wholeOf((amount / 100).toFixed(2), 100)).toBe(amount === 0 ? 0 : amount);
			}),
		);
	});
});

describe('the last moment of a record', () => {
	const NAMES = ['startedAt', 'endedAt', 'createdAt', 'updatedAt'] as const;

	it.each(NAMES)('is %s where that is the latest', (name) => {
		const others = Object.fromEntries(NAMES.map((other) => [other, NOON]));
		expect(lastMoment(sighting({ ...others, [name]: NOON + 1 }))).toBe(NOON + 1);
		expect(lastMoment(sighting({ [name]: NOON }))).toBe(NOON);
	});

	it('is before all others where it names none', () => {
		expect(lastMoment(sighting())).toBe(-Infinity);
	});
});

describe('the parts of a record', () => {
	const kind: RecordKind = {
		source: 'third',
		endpoint: '/sessions',
		matches: () => true,
		read: ({ uuid, consumed, price, site, updated }) => ({
			id: emptyToUndefined(uuid),
			energyKwh: emptyToUndefined(consumed),
			amountInclVat: emptyToUndefined(price?.total),
			locationId: emptyToUndefined(site?.id),
			updatedAt: emptyToUndefined(updated),
		}),
		categories: { 'card.brand': 'driver', tree: 'other', note: null },
	};
	const partsOf = (record: object) => snapshotReader(kind)({ uuid: 1, ...record })?.categories;

	it('hold what is read and what is named, each once, and leave out what is no part', () => {
		const record = { consumed: '7.94', price: { total: 5 }, updated: '2026-01-31T12:00:00Z', note: 'x' };
		expect(partsOf({ ...record, site: { id: 9, name: 'unread' }, card: { brand: 'Visa' } })).toEqual({
			energy: { energyKwh: 7.94 },
			time: {},
			price: { amountInclVat: 5 },
			driver: { '.card.brand': 'Visa' },
			other: { locationId: 9, '.tree': undefined },
		});
	});

	it('do not depend on a field that the vendor adds, at any depth', () => {
		const record = { consumed: 1, price: { total: 5 }, card: { brand: 'Visa' }, site: { id: 9 } };
		const later = {
			...record,
			gridFee: 3,
			price: { total: 5, gridFee: 3 },
			card: { brand: 'Visa', isVirtual: false },
			site: { id: 9, floor: null },
		};
		expect(partsOf(later)).toEqual(partsOf(record));
	});

	it.each([
		[7.94, '7.940'],
		[12, '12'],
		[-0.5, '-0.50'],
		['2026-01-31T12:00:00Z', '2026-01-31 12:00:00.000000'],
		['2026-01-31T12:00:00Z', '2026-01-31T13:00:00+01:00'],
	])('do not depend on the spelling of a value: %j and %j', (one, other) => {
		expect(partsOf({ consumed: one, tree: [one] })).toEqual(partsOf({ consumed: other, tree: [other] }));
	});

	it.each([
		['007', '7'],
		['1e3', '1000'],
		['12345678901234567890', '12345678901234567891'],
		['', '0'],
		['2026-01-31', '2026-01-31 00:00:00'],
		['0x10', '16'],
	])('differ where two texts are no numbers or dates of one value: %j and %j', (one, other) => {
		expect(partsOf({ consumed: one })).not.toEqual(partsOf({ consumed: other }));
	});

	it('do not depend on the order of a list', () => {
		expect(partsOf({ tree: [3, 1, 20, 'a'] })).toEqual(partsOf({ tree: ['a', 20, 3, 1] }));
		expect(partsOf({ tree: [3, 1] })).not.toEqual(partsOf({ tree: [3, 1, 1] }));
	});

	it.each(['constructor', 'toString', 'hasOwnProperty', 'valueOf', '__proto__'])(
		'take no field for one that every object knows: %s',
		(name) => {
			const inherited: RecordKind = { ...kind, categories: { [name]: 'other' } };
			const { other } = snapshotReader(inherited)({ uuid: 1 })!.categories as { other: object };
			expect(Object.values(other).every((value) => value === undefined)).toBe(true);
		},
	);

	it('are found in whatever an API may answer', () => {
		fc.assert(
			fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (record) => {
				expect(Object.keys(partsOf(record) as object)).toEqual([
					'energy',
					'time',
					'price',
					'driver',
					'other',
				]);
			}),
		);
	});

	it('have a mark that another field or category changes', () => {
		const marks = [
			kind,
			{ ...kind, categories: { ...kind.categories, tree: 'driver' as const } },
			{ ...kind, categories: { ...kind.categories, more: 'other' as const } },
		].map(fieldsMark);
		expect(new Set(marks).size).toBe(3);
		expect(fieldsMark({ ...kind })).toBe(marks[0]);
	});
});

describe('a digest', () => {
	it('stays what it is: states that were stored rest on it', () => {
		expect(digest({ b: [1, null, 'x'], a: null }, 16)).toBe(digest({ b: [1, null, 'x'] }, 16));
		expect(digest({ b: [1, null, 'x'] }, 16)).toBe('5z6ytnrZKFc1LfuU');
		expect(fingerprintOf(sighting(), 'corrected')).toBe('40DnTLfpI0LRB');
		expect(fingerprintOf(sighting(), 'changed')).toBe('40LdIc4_');
	});
});
