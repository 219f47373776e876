import * as fc from 'fast-check';

import { ApiError } from '../../../nodes/shared/util/errors';
import type { DeliveredSession } from '../../../nodes/shared/sync/deliveredSessions';
import { noIds } from '../../../nodes/shared/sync/risingIds';
import { poll } from '../../../nodes/shared/sync/scan';
import {
	FINGERPRINT_LENGTH,
	fingerprintOf,
	inBits,
	type TriggerEvent,
} from '../../../nodes/shared/sync/snapshot';
import {
	readState,
	writeState,
	type Json,
	type PollState,
	type Scan,
} from '../../../nodes/shared/sync/state';
import { DAY, fakeTrigger, fakeVendor, HOUR, LIST_NAMES, MINUTE, NOON, type Offer } from './fakeSource';

const EVENTS: TriggerEvent[] = ['completed', 'started', 'changed', 'corrected'];
const SETTINGS = 'settings';
const MARK = 'a mark';

const read = (stored: unknown, event: TriggerEvent) =>
	readState(stored, { settings: SETTINGS, event, lists: LIST_NAMES, fieldsMark: MARK });

const toHour = (time: number) => Math.ceil(time / HOUR) * HOUR;

const anyTime = fc.integer({ min: 0, max: Date.UTC(2100, 0) });
/** What comes out of JSON: without a negative zero, for example. */
const anyJson = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const anyScan: fc.Arbitrary<Scan> = fc.record({
	kind: fc.constantFrom<Scan['kind']>('silent', 'first', 'gap', 'regular'),
	from: anyTime,
	trackFrom: anyTime,
	deep: fc.boolean(),
	begunAt: fc.option(anyTime),
	localBegunAt: anyTime,
	lastMoment: fc.option(anyTime),
	lastStamp: fc.option(anyTime),
	highestId: fc.option(fc.maxSafeNat()),
	lists: fc.subarray([...LIST_NAMES], { minLength: 1 }),
	resumeToken: anyJson,
});

/** Times of the memory are whole hours, as they are once they were stored. */
const anyState = (event: TriggerEvent): fc.Arbitrary<PollState> => {
	const printLength = FINGERPRINT_LENGTH[event];
	const amount = event === 'corrected' ? fc.option(fc.integer(), { nil: undefined }) : fc.constant(undefined);
	const hour = anyTime.map(toHour);
	const remembered = fc
		.record({
			time: hour,
			running: fc.option(
				fc.record({ startedAt: hour, partition: fc.option(fc.string(), { nil: undefined }) }),
				{ nil: undefined },
			),
			fingerprint: fc
				.string({
					unit: fc.constantFrom(...'abcXYZ019-_'),
					minLength: printLength,
					maxLength: printLength,
				})
				.map((print) => inBits(print, event)),
			energyWh: amount,
			amountTenThousandths: amount,
		})
		.map(({ running, ...rest }) => (running ? { ...rest, running } : rest));
	return fc.record({
		settings: fc.constant(SETTINGS),
		watermark: anyTime,
		dedupHorizon: anyTime,
		scannedAt: anyTime,
		deepScannedAt: anyTime,
		fieldsMark: fc.constant(MARK),
		hasForgotten: fc.boolean(),
		ids: fc.record({
			horizon: fc.option(fc.maxSafeNat()),
			last: fc.option(fc.record({ id: fc.maxSafeNat(), startedAt: anyTime })),
			inOrder: fc.nat(),
			outOfOrder: fc.nat(),
		}),
		scan: fc.option(anyScan),
		notes: anyJson,
		memory: fc
			.array(fc.tuple(fc.maxSafeNat(), remembered), { maxLength: 20 })
			.map((entries) => new Map(entries)),
		dropped: fc
			.array(fc.tuple(fc.maxSafeNat(), fc.record({ time: hour, fingerprint: fc.constant('') })), {
				minLength: 1,
				maxLength: 5,
			})
			.map((entries) => new Map(entries)),
	});
};

const store = (state: PollState, event: TriggerEvent): Record<string, Json> =>
	JSON.parse(JSON.stringify(writeState(state, event))) as Record<string, Json>;

const stateOf = (given: Partial<PollState> = {}): PollState => ({
	settings: SETTINGS,
	watermark: NOON,
	dedupHorizon: NOON - 3 * DAY,
	scannedAt: NOON,
	deepScannedAt: NOON,
	fieldsMark: MARK,
	hasForgotten: false,
	ids: noIds(),
	scan: null,
	notes: null,
	memory: new Map([[8_400_003, { time: NOON, fingerprint: '' }]]),
	...given,
});
const scanOf = (given: Partial<Scan> = {}): Scan => ({
	kind: 'regular',
	from: NOON - HOUR,
	trackFrom: NOON - 3 * DAY,
	deep: false,
	begunAt: NOON,
	localBegunAt: NOON,
	lastMoment: null,
	lastStamp: null,
	highestId: null,
	lists: ['ended', 'updated'],
	resumeToken: null,
	...given,
});

describe.each(EVENTS)('a state of a trigger on sessions %s', (event) => {
	it('is read as it was written', () => {
		fc.assert(
			fc.property(anyState(event), (state) => {
				expect(read(store(state, event), event)).toEqual({ state });
			}),
			{ numRuns: 200 },
		);
	});

	it('with times within the hour is read with the next full one', () => {
		const memory = new Map([
			[5, { time: NOON + 1, fingerprint: inBits('x'.repeat(FINGERPRINT_LENGTH[event]), event) }],
		]);
		const { state } = read(store(stateOf({ memory }), event), event);
		expect(state?.memory.get(5)?.time).toBe(NOON + HOUR);
	});
});

it('without a stored state there is neither a state nor a reset', () => {
	expect(read(undefined, 'completed')).toEqual({});
});

describe('a state of format 1', () => {
	/** As the first version of the package wrote it, between two polls. */
	const stored = {
		format: 1,
		settings: SETTINGS,
		watermark: NOON,
		floor: NOON - 3 * DAY,
		sweptAt: NOON + MINUTE,
		deepSweptAt: NOON - HOUR,
		notes: { floor: 1, edge: 2 },
		sweep: null,
		hour: 491626,
		sessions: 'jkrgIEGDAnzE',
	};
	const sweep = {
		kind: 'first',
		from: NOON - HOUR,
		rememberFrom: NOON - 3 * DAY,
		deep: false,
		begunAt: NOON,
		lastMoment: null,
		lists: ['ended', 'updated'],
		place: {
			cursor: 'abc',
			from: NOON - HOUR,
			reached: NOON - MINUTE,
			edge: [8_400_003, 'x'],
			emptyPages: 0,
			renewed: 1,
		},
	};

	it('is read, with the chargers as partitions and the notes as they are', () => {
		expect(read(stored, 'completed')).toEqual({
			state: {
				settings: SETTINGS,
				watermark: NOON,
				dedupHorizon: NOON - 3 * DAY,
				scannedAt: NOON + MINUTE,
				deepScannedAt: NOON - HOUR,
				fieldsMark: MARK,
				hasForgotten: false,
				ids: { ...noIds(), horizon: 8_400_009 },
				notes: { floor: 1, edge: 2 },
				scan: null,
				memory: new Map([
					[8_400_003, { time: NOON, fingerprint: '' }],
					[
						8_400_009,
						{
							time: NOON - HOUR,
							fingerprint: '',
							running: { startedAt: NOON - 2 * HOUR, partition: '4711' },
						},
					],
				]),
			},
		});
	});

	it('is read with a scan in the middle of a list', () => {
		expect(read({ ...stored, sweep }, 'completed').state?.scan).toEqual({
			kind: 'first',
			from: NOON - HOUR,
			trackFrom: NOON - 3 * DAY,
			deep: false,
			begunAt: NOON,
			localBegunAt: NOON,
			lastMoment: null,
			lastStamp: null,
			highestId: null,
			lists: ['ended', 'updated'],
			resumeToken: {
				cursor: 'abc',
				from: NOON - HOUR,
				highWaterMark: NOON - MINUTE,
				boundaryIds: [8_400_003, 'x'],
				emptyPages: 0,
				restarts: 1,
			},
		});
	});

	it('is read with a scan in the middle of a charger', () => {
		const place = { charger: 4711, at: 1_769_850_000, span: 86_400, edge: [5] };
		const { state } = read({ ...stored, sweep: { ...sweep, place } }, 'completed');
		expect(state?.scan?.resumeToken).toEqual({
			partition: '4711',
			at: 1_769_850_000,
			span: 86_400,
			boundaryIds: [5],
		});
	});

	it('is stored as format 4, and read again as it was', () => {
		const { state } = read({ ...stored, sweep }, 'completed');
		const again = store(state as PollState, 'completed');
		expect(again.format).toBe(4);
		expect(read(again, 'completed')).toEqual({ state });
	});

	it('is damaged where a value is missing, as any other', () => {
		expect(read({ ...stored, floor: undefined }, 'completed')).toEqual({
			reset: 'its stored position is damaged',
		});
	});
});

describe('a state of format 2', () => {
	/** As that version wrote it: three sessions are delivered or known, 8400009 is running. The text differs by event alone. */
	const stored = {
		format: 2,
		settings: SETTINGS,
		watermark: NOON - 5 * MINUTE,
		dedupHorizon: NOON - 2 * DAY,
		scannedAt: NOON + 5 * MINUTE,
		deepScannedAt: NOON,
		notes: null,
		scan: null,
		hour: 491_626,
	};
	const SESSIONS: Record<TriggerEvent, string> = {
		completed: 'jkrgICGFABj26_kniv3CE',
		started: 'jkrgICGFABj26_kniv3CE',
		changed: 'jkrgICN4-kwkUxGFABv4Pl_Wmpj26_kniv3CEV2H-yjn-',
		corrected: 'jkrgICN4-gsPEz31_RBhxT9hGGFABv4Pgssez31_RBhxT9hGj26_kniv3CEV2Hgsayz31_RBhxT9hG',
	};
	const scan = {
		kind: 'regular',
		from: NOON - HOUR,
		trackFrom: NOON - 2 * DAY,
		deep: false,
		begunAt: NOON + 6 * MINUTE,
		lastMoment: NOON - 5 * MINUTE,
		lists: ['updated'],
		resumeToken: null,
	};
	const ofEvent = (event: TriggerEvent) => ({ ...stored, sessions: SESSIONS[event], partitions: ['7'] });

	/** A trigger that goes on from there, with the sessions at the vendor as they were. */
	const goingOn = (event: TriggerEvent, offer: Offer, more: object = {}) => {
		const vendor = fakeVendor({ event, offer, pageSize: 2, now: NOON + 10 * MINUTE });
		// The name stands for a field that format 2 did not have in its fingerprints.
		const driver = 'another reading';
		vendor.put({ id: 8_400_003, endedAt: NOON - HOUR, updatedAt: NOON - HOUR, driver });
		vendor.put({ id: 'b7e1c9a0', endedAt: NOON - 30 * MINUTE, updatedAt: NOON - 30 * MINUTE, driver });
		const running = { startedAt: NOON - 2 * HOUR, endedAt: null, updatedAt: NOON - 5 * MINUTE };
		vendor.put({ id: 8_400_009, ...running, driver });
		const trigger = fakeTrigger(vendor, { event });
		trigger.stored = JSON.stringify({ ...ofEvent(event), ...more });
		return { vendor, trigger };
	};
	const offers: Offer[] = ['combined', 'twoLists', 'window'];
	const cases = EVENTS.flatMap((event) => offers.map((offer) => [event, offer] as const));

	it.each(EVENTS)('is read with every session, and knows no fingerprint any more: sessions %s', (event) => {
		const { state, reset } = read(ofEvent(event), event);
		expect(reset).toBeUndefined();
		expect(state).toMatchObject({
			watermark: NOON - 5 * MINUTE,
			hasForgotten: false,
			// Ids above those of the stored sessions are new.
			ids: { ...noIds(), horizon: Math.max(...state!.memory.keys()) },
			scan: null,
		});
		const sessions = [...state!.memory.values()];
		expect(sessions.map(({ running }) => running?.partition)).toEqual([undefined, '7', undefined]);
		expect(new Set(sessions.map(({ fingerprint }) => fingerprint))).toEqual(
			new Set([inBits('_'.repeat(FINGERPRINT_LENGTH[event]), event)]),
		);
	});

	it.each(cases)('delivers nothing again, and what is new once: sessions %s, %s', async (event, offer) => {
		const { vendor, trigger } = goingOn(event, offer);
		expect(await trigger.scan()).toEqual([]);
		expect(trigger.state().memory.size).toBe(3);
		// The scan a day later reads back as far as sessions are kept.
		vendor.now += DAY;
		expect(await trigger.scan()).toEqual([]);
		expect(trigger.state().deepScannedAt).toBe(vendor.now);

		vendor.put({ id: 8_400_009, endedAt: vendor.now });
		vendor.put({ id: 8_400_020, endedAt: null });
		vendor.put({ id: 8_400_021 });
		const news: Record<TriggerEvent, number[]> = {
			completed: [8_400_009, 8_400_021],
			started: [8_400_020],
			changed: [8_400_009, 8_400_020, 8_400_021],
			corrected: [],
		};
		expect((await trigger.scan()).sort()).toEqual(news[event]);
		expect(await trigger.scan()).toEqual([]);
	});

	it.each(cases)(
		'delivers nothing again in the middle of a list either: sessions %s, %s',
		async (event, offer) => {
			const lists = offer === 'window' ? ['window'] : ['updated'];
			const { trigger } = goingOn(event, offer, { scan: { ...scan, lists } });
			expect(await trigger.scan()).toEqual([]);
			expect(await trigger.scan()).toEqual([]);
			expect(trigger.state().memory.size).toBe(3);
		},
	);

	it('does not start a session again that it had forgotten', async () => {
		const { vendor, trigger } = goingOn('started', 'combined');
		const old = { startedAt: NOON - 9 * DAY, endedAt: null, createdAt: null };
		vendor.put({ id: 8_400_001, ...old, updatedAt: NOON + 9 * MINUTE });
		expect(await trigger.scan()).toEqual([]);
	});

	it('tells a correction of an earlier session with its difference', async () => {
		const { vendor, trigger } = goingOn('corrected', 'combined');
		await trigger.scan();
		vendor.put({ id: 8_400_003, energyWh: 12_500 });
		const [{ record, change }, ...others] = (await trigger.poll()).deliveries;
		expect([record.id, change?.energyDeltaKwh, change?.changedFields]).toEqual([8_400_003, 2.5, ['energy']]);
		expect(others).toEqual([]);
	});

	it('is stored as format 4, and read again as it was', () => {
		const { state } = read({ ...ofEvent('completed'), scan }, 'completed');
		expect(state?.scan).toEqual({ ...scan, localBegunAt: scan.begunAt, lastStamp: null, highestId: null });
		const again = store(state as PollState, 'completed');
		expect(again.format).toBe(4);
		expect(read(again, 'completed')).toEqual({ state });
	});
});

describe('a state of format 3', () => {
	/** As it was written: two sessions that have ended, one of them with an id that is a text, and one that runs. */
	const ofEvent = (sessions: string) => ({
		format: 3,
		settings: SETTINGS,
		watermark: NOON,
		dedupHorizon: NOON - 1,
		scannedAt: NOON,
		deepScannedAt: NOON,
		fieldsMark: MARK,
		hasForgotten: true,
		notes: null,
		ids: { horizon: 8_400_003, last: null, inOrder: 9, outOfOrder: 1 },
		scan: null,
		hour: NOON / HOUR - 2,
		sessions,
		partitions: ['a'],
	});
	const TEXT_ID = 2 ** 47 + 12_345;
	const CATEGORIES = { energy: { a: 1 }, time: { b: 2 }, price: { c: 3 }, other: {} };
	const printOf = (id: number, driver: string, event: TriggerEvent) =>
		fingerprintOf({ id, categories: { ...CATEGORIES, driver: { driver } } }, event);

	it.each<[TriggerEvent, string]>([
		['completed', 'jkrgIEGFBBw9gg4____DA'],
		['changed', 'jkrgIEb_Hg29TDGFBBbhj4X8Afw9gg4____DAsa5P5S1U'],
		['corrected', 'jkrgIEb_HAVCryr1_RBhxT8gDGFBBbhjAVCryr0YRBAAw9gg4____DAsa5AVCryrYwRBB9hG'],
	])('is read with its sessions and their versions: sessions %s', (event, sessions) => {
		const detail = (energyWh?: number, amountTenThousandths?: number) =>
			event === 'corrected' ? { energyWh, amountTenThousandths } : {};
		const { state } = read(ofEvent(sessions), event);
		expect(state?.ids).toEqual({ horizon: 8_400_003, last: null, inOrder: 9, outOfOrder: 1 });
		expect(state?.hasForgotten).toBe(true);
		expect(state?.memory).toEqual(
			new Map<number, DeliveredSession>([
				[8_400_003, { time: NOON, fingerprint: printOf(1, 'card 1', event), ...detail(10_000, -155_000) }],
				[
					8_400_009,
					{
						time: NOON,
						running: { startedAt: NOON - HOUR, partition: 'a' },
						fingerprint: printOf(1, 'card 2', event),
						...detail(),
					},
				],
				[TEXT_ID, { time: NOON - 2 * HOUR, fingerprint: printOf(1, 'card 3', event), ...detail(0, 310_200) }],
			]),
		);
		const again = store(state as PollState, event);
		expect(again.format).toBe(4);
		expect(read(again, event)).toEqual({ state });
	});
});

describe('a state that cannot be used says why', () => {
	it.each<[string, unknown, string]>([
		['null', null, 'its stored position cannot be read'],
		['a text', 'position', 'its stored position cannot be read'],
		['a list', [1], 'its stored position cannot be read'],
		['an empty object', {}, 'its position was stored by another version of the package'],
		['an older format', { format: 0 }, 'its position was stored by another version of the package'],
		['a newer format', { format: 5 }, 'its position was stored by another version of the package'],
		['the format as a text', { format: '4' }, 'its position was stored by another version of the package'],
		['other settings', { settings: 'others' }, 'its source, filters, event, first run or credential changed'],
		['a memory that is cut off', { sessions: 'A' }, 'its stored position is damaged'],
		['a count that is none', { count: '1' }, 'its stored position is damaged'],
		['a count of more sessions', { count: 2 }, 'its stored position is damaged'],
		['no orders', { orders: undefined }, 'its stored position is damaged'],
		['an order too few', { orders: [1, 1, 1] }, 'its stored position is damaged'],
		['an order that is no number', { orders: [1, 1, 1, '1'] }, 'its stored position is damaged'],
		['an order below zero', { orders: [1, 1, 1, -1] }, 'its stored position is damaged'],
		['an order of more bits than a number has', { orders: [1, 1, 1, 54] }, 'its stored position is damaged'],
		['no memory', { sessions: null }, 'its stored position is damaged'],
		['no partitions', { partitions: undefined }, 'its stored position is damaged'],
		['partitions that are numbers', { partitions: [4711] }, 'its stored position is damaged'],
		['no watermark', { watermark: null }, 'its stored position is damaged'],
		['a dedup horizon that is a text', { dedupHorizon: '1769860800000' }, 'its stored position is damaged'],
		['no time of its scan', { scannedAt: undefined }, 'its stored position is damaged'],
		['no time of its deep scan', { deepScannedAt: {} }, 'its stored position is damaged'],
		['no hour', { hour: null }, 'its stored position is damaged'],
		['no word on a scan', { scan: undefined }, 'its stored position is damaged'],
		['a watermark that no date can hold', { watermark: 1e300 }, 'its stored position is damaged'],
		['a dedup horizon that no date can hold', { dedupHorizon: -1e300 }, 'its stored position is damaged'],
		['an hour that no date can hold', { hour: 1e303 }, 'its stored position is damaged'],
		['an hour that is none', { hour: 0.5 }, 'its stored position is damaged'],
		['no word on forgetting', { hasForgotten: undefined }, 'its stored position is damaged'],
		['no ids', { ids: null }, 'its stored position is damaged'],
		['ids with a text', { ids: { ...noIds(), horizon: '7' } }, 'its stored position is damaged'],
		['ids without a last start', { ids: { ...noIds(), last: { id: 7 } } }, 'its stored position is damaged'],
	])('%s', (_, given, reset) => {
		const isChange =
			typeof given === 'object' && given !== null && Object.keys(given).length > 0 && !Array.isArray(given);
		const stored = isChange ? { ...store(stateOf(), 'completed'), ...given } : given;
		expect(read(stored, 'completed')).toEqual({ reset });
	});

	it.each<[string, object]>([
		['is a list', []],
		['has another kind', { ...scanOf(), kind: 'deep' }],
		['has no beginning', { ...scanOf(), from: null }],
		['has a beginning that no date can hold', { ...scanOf(), from: 1e300 }],
		['has no moment to track from', { ...scanOf(), trackFrom: '0' }],
		['does not say whether it is deep', { ...scanOf(), deep: 1 }],
		['has a text for its clock', { ...scanOf(), begunAt: 'noon' }],
		['has no clock of this machine', { ...scanOf(), localBegunAt: null }],
		['has no last stamp', { ...scanOf(), lastStamp: undefined }],
		['has a text for its highest id', { ...scanOf(), highestId: '7' }],
		['has no last moment', { ...scanOf(), lastMoment: undefined }],
		['has no lists', { ...scanOf(), lists: [] }],
		['has lists of another version', { ...scanOf(), lists: ['ended', 'deleted'] }],
		['has a text for its lists', { ...scanOf(), lists: 'ended' }],
		['has no place', { ...scanOf(), resumeToken: undefined }],
	])('a scan that %s', (_, scan) => {
		const stored = { ...store(stateOf(), 'completed'), scan };
		expect(read(stored, 'completed')).toEqual({ reset: 'its stored position is damaged' });
	});
});

it('prints of another length than the event needs are refused or read as other sessions, never a crash', () => {
	const memory = new Map(
		Array.from({ length: 50 }, (_, id) => [id * 7, { time: NOON, fingerprint: 'abcdefgh' }]),
	);
	const stored = store(stateOf({ memory }), 'changed');
	for (const event of EVENTS) {
		const { state, reset } = read(stored, event);
		expect([state, reset]).toContain(undefined);
	}
});

describe('whatever is stored', () => {
	/** Something in the place of a field: nothing, another type, a number that is none of a time. */
	const anyInstead = fc.oneof(
		fc.constantFrom<unknown>(
			undefined,
			null,
			NaN,
			-1,
			0,
			0.5,
			1e15,
			1e16,
			-1e16,
			1e300,
			-1e300,
			1e303,
			'',
			[],
			{},
			true,
		),
		fc.double(),
		fc.jsonValue({ maxDepth: 2 }),
	);
	const FIELDS = [
		'format',
		'settings',
		'watermark',
		'dedupHorizon',
		'scannedAt',
		'deepScannedAt',
		'scan',
		'notes',
		'hour',
		'count',
		'orders',
		'sessions',
		'partitions',
	];
	const SCAN_FIELDS = ['kind', 'from', 'trackFrom', 'deep', 'begunAt', 'lastMoment', 'lists', 'resumeToken'];
	const anyChanges = (names: string[]) =>
		fc.array(fc.tuple(fc.constantFrom(...names), anyInstead), { minLength: 1, maxLength: 3 });

	const anyDamaged = (event: TriggerEvent): fc.Arbitrary<unknown> =>
		fc.oneof(
			fc.jsonValue(),
			fc.tuple(anyState(event), anyChanges(FIELDS)).map(([state, changes]) => ({
				...store(state, event),
				...(Object.fromEntries(changes) as object),
			})),
			fc.tuple(anyState(event), anyScan, anyChanges(SCAN_FIELDS)).map(([state, scan, changes]) => ({
				...store(state, event),
				scan: { ...scan, ...(Object.fromEntries(changes) as object) },
			})),
			fc.tuple(anyState(event), fc.nat(), fc.string()).map(([state, at, text]) => {
				const stored = store(state, event);
				const sessions = String(stored.sessions);
				const cut = at % (sessions.length + 1);
				return { ...stored, sessions: sessions.slice(0, cut) + text + sessions.slice(cut) };
			}),
		);

	/** As n8n's database gives it back. */
	const fromJson = (value: unknown): unknown => {
		const text = JSON.stringify(value);
		return text === undefined ? undefined : JSON.parse(text);
	};

	const offers: Offer[] = ['combined', 'twoLists', 'window'];

	it.each(EVENTS.flatMap((event) => offers.map((offer) => [event, offer] as const)))(
		'it is read or reset, and what is read can go on: sessions %s, %s',
		async (event, offer) => {
			await fc.assert(
				fc.asyncProperty(anyDamaged(event), async (damaged) => {
					const { state, reset } = read(fromJson(damaged), event);
					if (!state) {
						expect(damaged === undefined || typeof reset === 'string').toBe(true);
						return;
					}
					expect(reset).toBeUndefined();

					const vendor = fakeVendor({ event, offer, pageSize: 2 });
					for (const id of [1, 2, 3]) vendor.put({ id, endedAt: NOON - id * MINUTE });
					vendor.put({ id: 4, endedAt: null });
					const { plan } = fakeTrigger(vendor, { event });
					const tools = { now: () => vendor.now, hasTime: () => true };
					const result = await poll(vendor.source, plan, state, tools).catch((error: unknown) => {
						expect(error).toBeInstanceOf(ApiError);
						return undefined;
					});
					if (result) {
						// What is stored then can be read again, or is reset with a reason.
						const again = read(store(result.state, event), event);
						expect(again.state ?? again.reset).toBeDefined();
					}
				}),
				{ numRuns: 250 },
			);
		},
	);
});
