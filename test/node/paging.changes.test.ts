import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/sandbox';

const PAGE = 20;
const RECORDS = 100;

/** Read before the third page is: walks by offset read one record of each page again, to see whether the list has moved. */
const READ = 2 * PAGE - 1;

/**
 * Orders in which the lists are walked. In an order by the newest update, a record that is written while the walk is under
 * way jumps to the front, where the walk has been. A walk by offset sees from the total that one is missing and looks
 * again; one by cursors cannot know, so nothing is promised about that record.
 */
const WALKS = [
	{ resource: 'chargeRecord', key: 'transactionId', options: {}, seesNewForm: true },
	{
		resource: 'chargeRecord',
		key: 'transactionId',
		options: { sortDirection: 'desc' },
		losesWhatIsWritten: true,
	},
	{ resource: 'chargeRecord', key: 'transactionId', options: { sortKey: 'transactionId' } },
	{ resource: 'transaction', key: 'id', options: {} },
	{ resource: 'transaction', key: 'id', options: { sortBy: 'updatedAt' }, losesWhatIsWritten: true },
	{ resource: 'legacyChargeRecord', key: 'id', options: {} },
	{ resource: 'legacyChargeRecord', key: 'id', options: { sortDir: 'DESC' } },
	{ resource: 'legacyChargeRecord', key: 'id', options: { sortBy: 'updatedAt' } },
	{ resource: 'legacyChargeRecord', key: 'id', options: { sortBy: 'updatedAt', sortDir: 'DESC' } },
];
type WalkPlan = (typeof WALKS)[number];

const house = useSandbox({ records: RECORDS, plain: true });

const sorted = (numbers: number[]) => [...numbers].sort((a, b) => a - b);

async function read({
	resource,
	key,
	options,
}: WalkPlan): Promise<{ ids: number[]; records: IDataObject[] }> {
	const parameters: INodeParameters = {
		resource,
		operation: 'getAll',
		returnAll: true,
		options: { ...options, pageSize: PAGE, concurrency: 1 },
	};
	const { items } = await house.run.spirii(parameters);
	const records = items.map(({ json }) => json);
	return { ids: records.map((record) => record[key] as number), records };
}

/** Changes the data right before the page with that number is answered. */
function before(page: number, change: () => void): void {
	house.spirii.onRequest = (_request, count) => {
		if (count === page) change();
	};
}

const named = WALKS.map((plan): [string, WalkPlan] => [
	`${plan.resource} ${JSON.stringify(plan.options)}`,
	plan,
]);

describe.each(named)('while %s is read', (_, plan) => {
	let order: number[];
	beforeEach(async () => {
		house.spirii.reset();
		order = (await read(plan)).ids;
		house.spirii.reset();
		expect(order).toHaveLength(RECORDS);
	});

	test.each([
		['the very first ones', [0, 1]],
		['those around the edge of a page', [READ - 2, READ - 1]],
		['a whole page', Array.from({ length: PAGE }, (__, index) => READ - 1 - index)],
		['all that were read', Array.from({ length: READ }, (__, index) => index)],
	])('and records that were read are removed (%s), no other is lost or comes twice', async (__, places) => {
		before(3, () => places.forEach((place) => house.spirii.data.remove(order[place])));
		expect((await read(plan)).ids).toEqual(order);
	});

	test('and records that are still to come are removed, no other is lost or comes twice', async () => {
		const gone = [order[PAGE * 2], order[PAGE * 3 - 1], order[RECORDS - 1]];
		before(3, () => gone.forEach((id) => house.spirii.data.remove(id)));
		expect((await read(plan)).ids).toEqual(order.filter((id) => !gone.includes(id)));
	});

	test('and records are added, none that was there is lost or comes twice', async () => {
		before(3, () => {
			for (let count = 0; count < 5; count++) house.spirii.data.add();
		});
		const { ids } = await read(plan);
		expect(ids.filter((id) => order.includes(id))).toEqual(order);
		expect(new Set(ids).size).toBe(ids.length);
	});

	test('and some are added and removed before each page, none that stays is lost or comes twice', async () => {
		const gone: number[] = [];
		house.spirii.onRequest = (_request, count) => {
			if (count < 2 || count > 6) return;
			house.spirii.data.add();
			for (const place of [count, PAGE + count]) {
				gone.push(order[place]);
				house.spirii.data.remove(order[place]);
			}
		};
		const { ids } = await read(plan);
		const stayed = order.filter((id) => !gone.includes(id));
		expect(sorted(ids.filter((id) => stayed.includes(id)))).toEqual(sorted(stayed));
		expect(new Set(ids).size).toBe(ids.length);
	});

	test('and a record that was read is written again, each comes once', async () => {
		before(3, () => house.spirii.data.update(order[5], { consumed: 99.5 }));
		const { ids, records } = await read(plan);
		expect(sorted(ids)).toEqual(sorted(order));
		if (plan.seesNewForm) expect(records[ids.indexOf(order[5])]).toMatchObject({ consumed: 99.5 });
	});

	if (plan.losesWhatIsWritten) return;
	test('and a record that is still to come is written again, none is lost or comes twice', async () => {
		before(3, () => house.spirii.data.update(order[RECORDS - 5], { consumed: 99.5 }));
		expect(sorted((await read(plan)).ids)).toEqual(sorted(order));
	});
});
