import type { INodeParameters } from 'n8n-workflow';

import { useSandbox } from '../support/sandbox';
import { shortenWaits } from '../support/waits';

/** No session is so far in the future. */
const FUTURE = { period: 'between', periodFrom: '2090-01-01T00:00:00', periodBy: 'end' };
const PERIOD = 'The period is 2090-01-01 00:00 to now (Europe/Copenhagen), by the end of the session.';

describe('a list in which nothing is found', () => {
	const house = useSandbox({ records: 30 });
	const spirii = (parameters: INodeParameters) => ({ operation: 'getAll', returnAll: true, ...parameters });

	test.each(['chargeRecord', 'transaction'])(
		'%s: there are sessions without the period',
		async (resource) => {
			for (const operation of ['getAll', 'export']) {
				const { hints } = await house.run.spirii(spirii({ resource, operation, ...FUTURE }));
				expect(hints.map(({ message }) => message)).toEqual([
					`No session was found. ${PERIOD} Without the period there are sessions.`,
				]);
			}
			expect(house.spirii.requests.at(-1)!.query.toString()).toBe('limit=1');
		},
	);

	test('legacy charge records: how many there are, as the API says it', async () => {
		const parameters = spirii({ resource: 'legacyChargeRecord', ...FUTURE });
		const read = async () => (await house.run.spirii(parameters)).hints.map(({ message }) => message);
		const [hint] = await read();
		const total = Number(/^0 of (\d+) sessions match\. /.exec(hint)![1]);
		const all = await house.run.spirii(spirii({ resource: 'legacyChargeRecord', period: 'all' }));
		expect(total).toBe(all.items.length);
		expect(hint).toBe(`0 of ${total} sessions match. ${PERIOD}`);
		house.spirii.switches.totals = false;
		expect(await read()).toEqual([`No session was found. ${PERIOD} Without the period there are sessions.`]);
	});

	test.each(['site', 'team'])('Volt Time, a %s: how many there are, if the API says it', async (kind) => {
		const { sites, teams } = house.voltTime.data;
		const { uuid } = kind === 'site' ? sites[0] : teams[0];
		const read = async () => {
			const { hints } = await house.run.voltTime({
				resource: 'transaction',
				operation: 'getAll',
				sessionsOf: kind,
				[`${kind}Uuid`]: { __rl: true, mode: 'id', value: uuid },
				...FUTURE,
				returnAll: true,
				filters: { status: 'finished' },
			});
			return hints.at(-1)!.message;
		};
		expect(await read()).toMatch(/^No session .+ Without the period and the filters there are sessions\.$/);
		house.voltTime.switches.blocks = 'lengthAware';
		expect(await read()).toMatch(/^0 of [1-9]\d* sessions match\. The period is .+"finished"\.$/);
	});

	test('of a run that a schedule has started: nothing more is asked', async () => {
		const parameters = spirii({ resource: 'chargeRecord', ...FUTURE });
		const { hints } = await house.run.spirii(parameters, { mode: 'trigger' });
		expect(hints.map(({ message }) => message)).toEqual([`No session was found. ${PERIOD}`]);
		expect(house.spirii.requests).toHaveLength(1);
	});

	test.each([
		['refuses', { kind: 'status' as const, status: 403 }],
		['is down', { kind: 'status' as const, status: 503 }],
		['asks for a long wait', { kind: 'status' as const, status: 429, retryAfter: 60 }],
	])('a service that %s then neither fails the run nor keeps it waiting', async (_, fault) => {
		house.spirii.faults.push({ ...fault, times: 9, when: () => house.spirii.requests.length > 1 });
		const waits = shortenWaits();
		const { hints } = await house.run.spirii(spirii({ resource: 'chargeRecord', ...FUTURE }));
		jest.restoreAllMocks();
		expect(hints.map(({ message }) => message)).toEqual([`No session was found. ${PERIOD}`]);
		expect(house.spirii.requests.length).toBeGreaterThan(1);
		expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(5000);
	});
});

describe('an account without a session', () => {
	const house = useSandbox({ records: 0, plain: true });

	test('is said to have none', async () => {
		const parameters = { resource: 'chargeRecord', operation: 'getAll', returnAll: true };
		const set = { ...FUTURE, filters: { mode: 'cpo' } };
		const { hints } = await house.run.spirii({ ...parameters, ...set });
		expect(hints.map(({ message }) => message)).toEqual([
			`No session was found. ${PERIOD} The filters are Mode: "cpo". Without the period and the filters there is none either.`,
		]);
		const { hints: unfiltered } = await house.run.spirii({ ...parameters, period: 'all' });
		expect(unfiltered.map(({ message }) => message)).toEqual(['No session was found.']);
	});
});
