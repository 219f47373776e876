import { failureOf, useSandbox } from '../support/sandbox';
import { ago, ALL_WATCHED, watchedIn } from '../support/watched';

const house = useSandbox({ records: 0, transactionsPerCharger: 0 });
const watched = watchedIn(house);

describe.each(ALL_WATCHED)('%s', (name) => {
	const list = () => watched[name];
	const isList = (path: string) => /charge-records$|transactions$/.test(path);

	/** Replaces the ids in what the vendor sends, as its JSON writes them. */
	const sendIds = (...ids: string[]) => {
		// All at one moment: whatever a list is sorted by, they come in its order.
		const now = ago();
		const known = ids.map(() => list().add({ endedAt: now, updatedAt: now, createdAt: now }));
		const records = known.map((id, index) => {
			const record = JSON.stringify(list().sent(id));
			return record.replace(
				new RegExp(`"(transactionId|id)":${id}\\b`),
				(_, field: string) => `"${field}":${ids[index]}`,
			);
		});
		house[list().vendor].faults.push({
			kind: 'status',
			status: 200,
			body: `{"data":[${records.join(',')}]}`,
			times: Infinity,
			// The first poll of Volt Time asks for one transaction, to see that the API reads the parameters.
			when: ({ path, query }) =>
				isList(path) &&
				!(list().vendor === 'voltTime' && query.get('limit') === '1') &&
				// None of them runs.
				query.get('filter[status]') !== 'active',
		});
	};
	const start = async () => {
		const trigger = list().activate({ firstRun: 'days', firstRunDays: 1 });
		return await trigger.poll();
	};

	test('refuses an id that JSON could not carry, and names it: the second of two would never be given', async () => {
		sendIds('7615917337495251231', '7615917337495251232');
		const trigger = list().activate({ firstRun: 'days', firstRunDays: 1 });
		// Where several lists are read, the first of them ends a poll without an error.
		const failure = await failureOf(trigger.poll().then(async () => await trigger.poll()));
		expect(failure.message).toMatch('The API gave the id 7615917337495251000 as a number');
	});

	test('gives "007" and "7" as two sessions, and long ids as text each once', async () => {
		sendIds('"007"', '"7"', '"7615917337495251231"', '"7615917337495251232"');
		const given = (await start()).map((record) => record.transactionId ?? record.id);
		expect(new Set(given)).toEqual(new Set(['007', '7', '7615917337495251231', '7615917337495251232']));
		expect(given).toHaveLength(4);
	});
});
