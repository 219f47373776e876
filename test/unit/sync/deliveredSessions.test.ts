import * as fc from 'fast-check';

import {
	sessionNumber,
	encodeSessions,
	decodeOldSessions,
	decodeSessions,
	type DeliveredSessions,
	type DeliveredSession,
	type EncodedSessions,
} from '../../../nodes/shared/sync/deliveredSessions';
import {
	FINGERPRINT_BITS,
	FINGERPRINT_LENGTH,
	wholeOf,
	type TriggerEvent,
} from '../../../nodes/shared/sync/snapshot';
import { writeState, type PollState } from '../../../nodes/shared/sync/state';
import { expectProportional } from '../../support/work';
import { DAY, HOUR, NOON } from './fakeSource';

const PRINT_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Characters with all of their bits. */
const widthsOf = (length: number) => new Array<number>(length).fill(6);

const anyId = fc.oneof(
	fc.nat(),
	fc.maxSafeNat(),
	fc.maxSafeNat().map(String),
	fc.uuid(),
	fc.string({ maxLength: 40 }),
);
/** From before the first charging station to far behind the last. */
const anyTime = fc.oneof(
	fc.integer({ min: NOON - 3 * DAY, max: NOON }),
	fc.integer({ min: Date.UTC(1900, 0), max: Date.UTC(2200, 0) }),
);
/** Far beyond any session. */
const MOST = 2 ** 51;
const anyAmount = fc.oneof(
	fc.constantFrom(undefined, 0, 1, -1, 3102, MOST, -MOST),
	fc.integer({ min: -1_000_000, max: 1_000_000 }),
	fc.maxSafeInteger().map((number) => Math.trunc(number / 4) + 0),
);

const anyRemembered = (printLength: number): fc.Arbitrary<DeliveredSession> =>
	fc
		.record({
			time: anyTime,
			running: fc.option(
				fc.record({ startedAt: anyTime, partition: fc.option(fc.string(), { nil: undefined }) }),
				{ nil: undefined },
			),
			fingerprint: fc.string({
				unit: fc.constantFrom(...PRINT_ALPHABET),
				minLength: printLength,
				maxLength: printLength,
			}),
			energyWh: anyAmount,
			amountTenThousandths: anyAmount,
		})
		.map(({ running, ...rest }) => (running ? { ...rest, running } : rest));

const anyMemory = (printLength: number): fc.Arbitrary<DeliveredSessions> =>
	fc
		.array(fc.tuple(anyId, anyRemembered(printLength)), { maxLength: 40 })
		.map((entries) => new Map(entries.map(([id, remembered]) => [sessionNumber(id), remembered])));

describe.each([true, false])('a memory that was packed and unpacked, detailed: %s', (detailed) => {
	it('is the same but for the hour', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(0, 8, 13).chain((length) => fc.tuple(fc.constant(length), anyMemory(length))),
				([printLength, memory]) => {
					const widths = widthsOf(printLength);
					const back = decodeSessions(encodeSessions(memory, detailed, widths), detailed, widths);
					expect([...(back?.keys() ?? [])]).toEqual([...memory.keys()].sort((a, b) => a - b));
					for (const [id, before] of memory) {
						const after = back?.get(id) as DeliveredSession;
						expect(after.fingerprint).toBe(before.fingerprint);
						expect(after.energyWh).toBe(detailed ? before.energyWh : undefined);
						expect(after.amountTenThousandths).toBe(detailed ? before.amountTenThousandths : undefined);
						expect(after.running?.partition).toBe(before.running?.partition);

						// Forgotten later rather than earlier; looked for from earlier rather than later.
						expect(after.time - before.time).toBeGreaterThanOrEqual(0);
						expect(after.time - before.time).toBeLessThan(HOUR);
						if (before.running) {
							const { startedAt } = after.running as { startedAt: number };
							expect(before.running.startedAt - startedAt).toBeGreaterThanOrEqual(0);
							expect(before.running.startedAt - startedAt).toBeLessThan(HOUR);
						}
					}
				},
			),
			{ numRuns: 150 },
		);
	});

	it('does not drift: packed and unpacked again and again it stays the same', () => {
		fc.assert(
			fc.property(anyMemory(8), (memory) => {
				const again = (before: DeliveredSessions) =>
					decodeSessions(
						encodeSessions(before, detailed, widthsOf(8)),
						detailed,
						widthsOf(8),
					) as DeliveredSessions;
				const once = again(memory);
				expect(again(again(once))).toEqual(once);
			}),
		);
	});
});

it('whatever number is read from a record is remembered as it is', () => {
	const anyValue = fc.oneof(fc.maxSafeInteger(), fc.double(), fc.maxSafeInteger().map(String));
	fc.assert(
		fc.property(anyValue, fc.constantFrom(1, 100, 1000), (value, unit) => {
			const energyWh = wholeOf(value, unit);
			const packed = encodeSessions(new Map([[1, { time: NOON, fingerprint: '', energyWh }]]), true, []);
			// What is less than a half below zero is zero too.
			expect(decodeSessions(packed, true, [])?.get(1)?.energyWh).toBe(energyWh === 0 ? 0 : energyWh);
		}),
		{ numRuns: 1000 },
	);
});

it.each([0, 1, -1, 99, 100, -100, 12_345, -12_345, 310_200, 2 ** 51, -(2 ** 51)])(
	'an amount of %i ten-thousandths is remembered as it is',
	(amountTenThousandths) => {
		const session = { time: NOON, fingerprint: '', energyWh: undefined, amountTenThousandths };
		const packed = encodeSessions(new Map([[1, session]]), true, []);
		expect(decodeSessions(packed, true, [])?.get(1)).toEqual(session);
	},
);

it('a memory without sessions is an empty text', () => {
	const encoded = { hour: 0, count: 0, orders: [0, 0, 0, 0], text: '', partitions: [] };
	expect(encodeSessions(new Map(), true, [])).toEqual(encoded);
	expect(decodeSessions(encoded, true, widthsOf(13))).toEqual(new Map());
	expect(decodeOldSessions({ hour: 0, text: '', partitions: [] }, true, 13)).toEqual(new Map());
});

describe('the number of an id', () => {
	it.each([
		[8_400_003, 8_400_003],
		['8400003', 8_400_003],
		[0, 0],
		['0', 0],
		[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
	])('%p is %i', (id, number) => {
		expect(sessionNumber(id)).toBe(number);
	});

	it('with zeros in front is that of another session than the one without', () => {
		expect(sessionNumber('008400003')).not.toBe(sessionNumber('8400003'));
		expect(sessionNumber('007')).not.toBe(sessionNumber('07'));
	});

	it.each([
		'b7e1c9a0-4f5d-4a43-9c6e-0d3b7f6f1f55',
		'',
		' ',
		'12a',
		'-5',
		'1.5',
		'9007199254740993',
		-5,
		1.5,
		1e300,
	])('%p is 48 bits of its digest', (id) => {
		const number = sessionNumber(id);
		expect(Number.isSafeInteger(number)).toBe(true);
		expect(number).toBeGreaterThan(2 ** 20);
		expect(number).toBeLessThan(2 ** 48);
		expect(sessionNumber(id)).toBe(number);
	});

	it('differs for 20,000 UUIDs', () => {
		const ids = Array.from(
			{ length: 20_000 },
			(_, index) => `b7e1c9a0-4f5d-4a43-9c6e-${String(index).padStart(12, '0')}`,
		);
		expect(new Set(ids.map(sessionNumber)).size).toBe(ids.length);
	});
});

describe('the size of the state with 10,000 sessions of three days', () => {
	/** Always the same numbers, so that the figures are the same in each run. */
	function realisticMemory(printLength: number, hasUuids: boolean): DeliveredSessions {
		let seed = 42;
		const random = (below: number) => {
			seed = (seed * 48_271) % 2_147_483_647;
			return seed % below;
		};
		const memory: DeliveredSessions = new Map();
		let id = 8_400_003;
		for (let index = 0; index < 10_000; index++) {
			const print = Array.from({ length: printLength }, () => PRINT_ALPHABET[random(64)]).join('');
			const energyWh = random(150_001);
			const amountTenThousandths = random(150_001) * 100;
			const uuid = `b7e1c9a0-4f5d-4a43-9c6e-${String(index).padStart(12, '0')}`;
			const number = sessionNumber(hasUuids ? uuid : id);
			memory.set(number, {
				time: NOON - random(3 * DAY),
				fingerprint: print,
				energyWh,
				amountTenThousandths,
			});
			id += 1 + random(1000);
		}
		return memory;
	}

	// The figure that docs/delivery.md states: 250 KB.
	it.each<[TriggerEvent, 'whole numbers' | 'UUIDs', number]>([
		['corrected', 'whole numbers', 206_000],
		['changed', 'whole numbers', 111_000],
		['completed', 'whole numbers', 31_000],
		['started', 'whole numbers', 31_000],
		['corrected', 'UUIDs', 249_000],
		['changed', 'UUIDs', 154_000],
		['completed', 'UUIDs', 74_000],
		['started', 'UUIDs', 74_000],
	])('for sessions %s with ids that are %s is at most %i bytes', (event, ids, most) => {
		const state: PollState = {
			settings: 'sixteenletters__',
			watermark: NOON,
			dedupHorizon: NOON - 3 * DAY,
			scannedAt: NOON,
			deepScannedAt: NOON - DAY / 2,
			fieldsMark: 'eight___',
			hasForgotten: false,
			ids: { horizon: 8_400_003, last: { id: 8_400_003, startedAt: NOON }, inOrder: 999, outOfOrder: 9 },
			scan: null,
			notes: null,
			memory: realisticMemory(FINGERPRINT_LENGTH[event], ids === 'UUIDs'),
		};
		const bytes = Buffer.byteLength(JSON.stringify(writeState(state, event)));
		expect(state.memory.size).toBe(10_000);
		expect(bytes).toBeLessThanOrEqual(most);
		// A measure that can fail in the other direction too: each session must cost something.
		const bits = FINGERPRINT_BITS[event].reduce((sum, width) => sum + width, 12);
		expect(bytes).toBeGreaterThan((10_000 * bits) / 6);
	});
});

describe('a text that was not written by this code', () => {
	const anyText = fc.oneof(
		fc.string({ maxLength: 200 }),
		fc.string({ unit: fc.constantFrom(...PRINT_ALPHABET), maxLength: 200 }),
		// Only digits after which another one must follow.
		fc.string({ unit: fc.constantFrom(...'ghijklmnopqrstuvwxyz0123456789-_'), maxLength: 200 }),
	);

	it('is refused or gives sessions that can be packed again', () => {
		const anyOrders = fc.array(fc.integer({ min: 0, max: 53 }), { minLength: 4, maxLength: 4 });
		fc.assert(
			fc.property(
				anyText,
				fc.boolean(),
				fc.constantFrom(0, 8, 12, 13),
				fc.option(fc.tuple(anyOrders, fc.nat({ max: 40 }))),
				(text, detailed, printLength, present) => {
					const hour = NOON / HOUR;
					if (present) {
						const [orders, count] = present;
						const encoded = { hour, text, orders, count, partitions: ['a', 'b'] };
						expectSound(decodeSessions(encoded, detailed, widthsOf(printLength)), printLength);
					} else {
						const encoded = { hour, text, partitions: String };
						expectSound(decodeOldSessions(encoded, detailed, printLength), printLength);
					}
				},
			),
			{ numRuns: 3000 },
		);
	});

	const ONE = encodeSessions(
		new Map([[8_400_003, { time: NOON, fingerprint: 'abcdefgh' }]]),
		true,
		widthsOf(8),
	);

	it.each<[string, Partial<EncodedSessions>]>([
		['is empty', { text: '' }],
		['lacks a digit', { text: ONE.text.slice(0, -1) }],
		['has a digit too many', { text: `${ONE.text}A` }],
		['has bits behind its end', { text: `${ONE.text.slice(0, -1)}_` }],
		['has something that is no digit', { text: `${ONE.text.slice(0, -1)}=` }],
		['has a number without an end', { text: '_'.repeat(100_000) }],
		['has fewer sessions', { count: 2 }],
		['has more sessions', { count: 0 }],
		['has an id that no number holds', { orders: [53, 0, 0, 0], text: 'v' + '_'.repeat(40) }],
	])('is refused where it %s', (_, damage) => {
		expect(decodeSessions(ONE, true, widthsOf(8))?.size).toBe(1);
		expect(decodeSessions({ ...ONE, ...damage }, true, widthsOf(8))).toBeUndefined();
	});

	it('is refused where two sessions have one number', () => {
		// Of order 0 a zero is the bit 0, and a one the bits 10: two sessions of the first hour, with gaps of 0 and 1, or 0 and 0.
		const encoded = { hour: 0, count: 2, orders: [0, 0, 0, 0], partitions: [] };
		expect(decodeSessions({ ...encoded, text: 'VA' }, false, [])?.size).toBe(2);
		expect(decodeSessions({ ...encoded, text: 'S' }, false, [])).toBeUndefined();
	});

	it.each(['ÄÖÜ', 'A A', 'AA ', 'A"', 'A\0', '=='])('is refused where a digit must stand: %j', (text) => {
		expect(decodeOldSessions({ hour: 0, text, partitions: [] }, false, 0)).toBeUndefined();
	});

	it.each(['-', 'A-', '-'.repeat(100_000), '_'.repeat(1_000_000)])(
		'is refused where a number has no end',
		(text) => {
			expect(decodeOldSessions({ hour: 0, text, partitions: [] }, false, 0)).toBeUndefined();
		},
	);

	it.each([10, 11, 12, 100, 300])(
		'is refused where a number is longer than any that was written: %i digits',
		(length) => {
			// The id, and no hours.
			const memory = decodeOldSessions(
				{ hour: 0, text: '_'.repeat(length - 1) + 'BA', partitions: [] },
				false,
				0,
			);
			expect(memory?.size).toBe(length <= 11 ? 1 : undefined);
		},
	);

	it.each<[string, (length: number) => string]>([
		['A', (length) => 'A'.repeat(length)],
		['gA', (length) => 'gA'.repeat(length / 2)],
		['9, and A at its end', (length) => `${'9'.repeat(length - 1)}A`],
	])(
		'of a million letters is read or refused, with work in proportion to its length: %s',
		async (_, textOf) => {
			const texts = new Map([1, 4].map((times) => [times, textOf(times * 1_000_000)]));
			await expectProportional((times) => {
				expectSound(decodeOldSessions({ hour: 0, text: texts.get(times)!, partitions: [] }, true, 13), 13);
			});
		},
	);
});

it('a text that is cut off anywhere is refused', () => {
	fc.assert(
		fc.property(anyMemory(8), fc.boolean(), (memory, detailed) => {
			const packed = encodeSessions(memory, detailed, widthsOf(8));
			const whole = [...(decodeSessions(packed, detailed, widthsOf(8)) as DeliveredSessions)];
			expect(whole.length).toBe(memory.size);
			for (let end = 0; end < packed.text.length; end++) {
				expect(
					decodeSessions({ ...packed, text: packed.text.slice(0, end) }, detailed, widthsOf(8)),
				).toBeUndefined();
			}
		}),
		{ numRuns: 50 },
	);
});

describe('the partition of a running session', () => {
	const uuids = ['b7e1c9a0-4f5d-4a43-9c6e-0d3b7f6f1f55', '018f6d2e-7c11-7b1a-8a5e-3c2d1b0a9f88'];
	const memory: DeliveredSessions = new Map(
		Array.from({ length: 6 }, (_, id) => [
			id,
			{ time: NOON, fingerprint: '', running: { startedAt: NOON, partition: uuids[id % 3] } },
		]),
	);

	it('is stored once for all of its sessions, whatever text it is', () => {
		const encoded = encodeSessions(memory, false, []);
		expect(encoded.partitions).toEqual(uuids);
		const back = decodeSessions(encoded, false, []) as DeliveredSessions;
		const partitions = [...back.values()].map(({ running }) => running?.partition);
		expect(partitions).toEqual([...uuids, undefined, ...uuids, undefined]);
	});

	it('that is missing makes the text unreadable, not a session of another partition', () => {
		const encoded = encodeSessions(memory, false, []);
		const partitions = encoded.partitions.slice(1);
		expect(decodeSessions({ ...encoded, partitions }, false, [])).toBeUndefined();
	});

	it('is the number in the text, where format 1 wrote it', () => {
		// Session 8400009, which runs at charger 4711, behind session 8400003, which has ended.
		const back = decodeOldSessions({ hour: 491626, text: 'jkrgIEGDAnzE', partitions: String }, false, 0);
		expect(back?.get(8_400_009)?.running?.partition).toBe('4711');
	});
});

/** Undefined, or sessions with everything that a session must have, and packed again without end. */
function expectSound(memory: DeliveredSessions | undefined, printLength: number): void {
	if (!memory) return;
	for (const [id, { time, running, fingerprint }] of memory) {
		const numbers = [id, time, ...(running ? [running.startedAt] : [])];
		if (!numbers.every(Number.isFinite) || fingerprint.length !== printLength) {
			throw new Error(`not a session: ${id} ${JSON.stringify(memory.get(id))}`);
		}
	}
	const again = encodeSessions(memory, true, widthsOf(printLength));
	expect(decodeSessions(again, true, widthsOf(printLength))?.size).toBe(memory.size);
}

it('10,000 sessions with UUIDs and amounts of four decimals take less than 250 KB', () => {
	const memory: DeliveredSessions = new Map();
	for (let index = 0; index < 10_000; index++) {
		memory.set(sessionNumber(`uuid-${index}`), {
			time: NOON + (index % 72) * 3_600_000,
			fingerprint: 'A'.repeat(FINGERPRINT_BITS.corrected.length),
			energyWh: 5000 + ((index * 7919) % 60_000),
			amountTenThousandths: ((index % 3) - 1) * (30_037 + ((index * 104_729) % 300_000)),
		});
	}
	const encoded = encodeSessions(memory, true, FINGERPRINT_BITS.corrected);
	expect(encoded.text.length).toBeLessThan(250_000);
	const decoded = decodeSessions(encoded, true, FINGERPRINT_BITS.corrected);
	expect(decoded && new Map([...decoded].sort())).toEqual(new Map([...memory].sort()));
});

it('amounts with parts of a cent are read from a text without an order of their own', () => {
	const memory: DeliveredSessions = new Map([
		[7, { time: NOON, fingerprint: 'A'.repeat(FINGERPRINT_BITS.corrected.length), amountTenThousandths: 3 }],
	]);
	const { orders, ...encoded } = encodeSessions(memory, true, FINGERPRINT_BITS.corrected);
	expect(orders).toHaveLength(5);
	// 3 takes the same bits in either order here.
	expect(
		decodeSessions({ ...encoded, orders: orders.slice(0, 4) }, true, FINGERPRINT_BITS.corrected),
	).toEqual(memory);
});
