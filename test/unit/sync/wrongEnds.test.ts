import { rowWriter } from '../../../nodes/shared/session/row';
import { poll, type Plan } from '../../../nodes/shared/sync/scan';
import { snapshotReader, type TriggerEvent } from '../../../nodes/shared/sync/snapshot';
import type { SessionList, Source } from '../../../nodes/shared/sync/source';
import { transactionKind } from '../../../nodes/Spirii/records';
import { HOUR, MINUTE, NOON } from './fakeSource';

type Transaction = Record<string, unknown>;

/** What a trigger on an event delivers of a transaction that is first seen after it began. */
async function deliveredOf(event: TriggerEvent, given: Transaction): Promise<Transaction[]> {
	let now = NOON;
	let records: Transaction[] = [
		{ id: 1, startedAt: at(-HOUR), endedAt: at(-MINUTE), updatedAt: at(-MINUTE) },
	];
	const list: SessionList<Transaction> = {
		key: 'updated',
		order: 'oldestFirst',
		coversEnded: true,
		movesOnUpdate: true,
		fetchPage: async () => ({ records }),
	};
	const source: Source<Transaction> = {
		lists: [list],
		describe: snapshotReader(transactionKind),
		listsOf: async () => ({ lists: [list], notes: null }),
		newest: async () => records,
		clock: () => now,
		readClock: async () => [],
		followsRunning: true,
	};
	const plan: Plan = {
		event,
		settings: '',
		firstRun: 'now',
		lookbackMs: HOUR,
		deepLookbackMs: 72 * HOUR,
		maxRecords: 1000,
	};
	const tools = { now: () => now, hasTime: () => true };
	const { state } = await poll(source, plan, undefined, tools);
	now += 40 * MINUTE;
	records = [...records, { id: 2, startedAt: at(10 * MINUTE), updatedAt: at(39 * MINUTE), ...given }];
	const first = await poll(source, plan, state, tools);
	now += MINUTE;
	const second = await poll(source, plan, first.state, tools);
	return [...first.deliveries, ...second.deliveries].map(({ record }) => record);
}

const at = (ms: number) => new Date(NOON + ms).toISOString();
const rowsOf = rowWriter(transactionKind, {
	pricesIncludeVat: true,
	timezone: 'UTC',
	billBy: 'end',
	groups: [],
	driver: 'plain',
});

describe('a session whose end cannot be right', () => {
	it.each(['1970-01-01T00:03:00Z', '2026-02-30T10:00:00Z', 'yesterday', '2000-01-01T00:00:09Z'])(
		'%p is completed once, with a code, and neither started nor corrected',
		async (endedAt) => {
			expect(await deliveredOf('started', { endedAt })).toEqual([]);
			expect(await deliveredOf('corrected', { endedAt })).toEqual([]);
			const completed = await deliveredOf('completed', { endedAt });
			expect(completed).toHaveLength(1);
			expect(rowsOf(completed)).toMatchObject([
				{ status: 'completed', warnings: expect.stringMatching(/time-/) as string },
			]);
		},
	);

	it.each([null, '0001-01-01T00:00:00Z', '0000-00-00 00:00:00', '9999-12-31T00:00:00Z'])(
		'%p has no end: it is started once, as a row that runs, and not completed',
		async (endedAt) => {
			expect(await deliveredOf('completed', { endedAt })).toEqual([]);
			const started = await deliveredOf('started', { endedAt });
			expect(rowsOf(started)).toMatchObject([{ status: 'ongoing', endedAt: null, billingMonth: null }]);
		},
	);
});
