import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { useSandbox } from '../support/sandbox';
import { activate } from '../support/trigger';
import { ago } from '../support/watched';

const house = useSandbox({ records: 0 });

// n8n 1.123.81 accepts such workflows, and keeps positions by name; n8n 2.41.1 refuses to import them.
test('two triggers in one workflow that share a node id both get every session', async () => {
	const trigger = (name: string, event: string) =>
		activate(
			{
				node: new SpiriiTrigger(),
				name,
				parameters: { output: 'raw', source: 'transaction', event },
				credentials: house.credentials(),
			},
			'one workflow',
		);
	const completed = trigger('Completed', 'completed');
	const changed = trigger('Changed', 'changed');
	const pollBoth = async () => {
		// Both at the same poll times.
		const [one, other] = await Promise.all([completed.poll(), changed.poll()]);
		return [one, other].map((records) => records.map(({ id }) => id));
	};
	const add = () => house.spirii.data.add({ startedAt: ago(60_000), endedAt: ago(), updatedAt: ago() }).id;

	await pollBoth();
	for (let round = 0; round < 3; round++) {
		const id = add();
		expect(await pollBoth()).toEqual([[id], [id]]);
	}
});
