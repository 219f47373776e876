import type { FaultKind } from '../../sandbox';
import { failureOf, useSandbox } from '../support/sandbox';
import { shownOf, SPELLINGS } from '../support/spellings';

/** As Laravel makes them, with characters that every kind of escape changes. */
const KEY = '12|aB3/dE5+gH7"jK9<mN1&pQ2=rS4\\tU6';
const house = useSandbox({ records: 5, plain: true, keys: { spirii: KEY, voltTime: KEY } });
const spirii = (operation: string) => ({ resource: 'legacyChargeRecord', operation });
const status = (code: number, body: string | object): FaultKind => ({ kind: 'status', status: code, body });

/** Ways to read, and the answer that repeats the key to each. */
const RUNS: Array<[string, (spelling: string) => FaultKind, () => Promise<unknown>]> = [
	[
		'Get Many, of a refusal in JSON',
		(spelling) => status(401, { message: `Unknown token ${spelling}` }),
		async () => await house.run.spirii(spirii('getAll')),
	],
	[
		'Download, of a page in place of the file',
		(spelling) => status(200, `<html>Unknown token ${spelling}</html>`),
		async () => await house.run.spirii(spirii('download')),
	],
	[
		'a poll of a trigger, of a refusal in words',
		(spelling) => status(403, `Unknown token ${spelling}`),
		async () => await house.activate.spirii({}).poll(),
	],
	[
		'a manual run of a trigger, of JSON of another shape',
		(spelling) => status(200, { errors: [{ code: `Unknown token ${spelling}` }] }),
		async () => await house.activate.voltTime({ source: 'legacyTransaction', teamId: '1107' }).showNewest(),
	],
	[
		'Get Many of Volt Time, of a validation',
		(spelling) => status(422, { errors: { token: [`Unknown token ${spelling}`] } }),
		async () => await house.run.voltTime({ resource: 'team', operation: 'getAll' }),
	],
];

describe.each(RUNS)('the error of %s', (_, answerWith, run) => {
	test.each(Object.keys(SPELLINGS))('holds no key, however the server writes it: %s', async (name) => {
		const spelling = SPELLINGS[name](KEY);
		house.spirii.faults.push({ ...answerWith(spelling), times: 99 });
		house.voltTime.faults.push({ ...answerWith(spelling), times: 99 });
		const { message, description, everything } = await failureOf(run());
		expect(shownOf(everything, spelling)).toEqual([]);
		// The server's own words help, so they stay; base64 has something of the user name in front.
		expect(`${message} ${description}`).toMatch(/Unknown token \S{0,2}\[hidden\]/);
	});
});

test('a redirect to a host that has the key in its name is told without it', async () => {
	const key = 'KEY-0123456789';
	const { spiriiApi } = house.credentials();
	house.spirii.faults.push({ kind: 'redirect', to: `https://${key}.evil.example/` });
	const credentials = { spiriiApi: { ...spiriiApi, apiKey: key } };
	const { message, everything } = await failureOf(house.run.spirii(spirii('getAll'), { credentials }));
	expect(message).toBe('Spirii responded with a redirect to [hidden].evil.example, which was not followed');
	expect(everything.toLowerCase()).not.toContain(key.toLowerCase());
});

test.each([{ a: 1 }, ['x'], 'a/b', '../1', `x/${KEY}`, '\u0007', true])(
	'a charger with the id %j is refused as an answer, not as an input, and before its transactions are asked for',
	async (id) => {
		const body = { data: [{ id, name: 'No charger' }] };
		house.voltTime.faults.push({ ...status(200, body), when: ({ path }) => path.endsWith('/chargers') });
		const { message, everything } = await failureOf(
			house.run.voltTime({
				resource: 'legacyTransaction',
				operation: 'getAll',
				teamId: { __rl: true, mode: 'id', value: '1107' },
				chargerScope: 'all',
			}),
		);
		expect(message).toBe('The API responded with something other than the documented JSON');
		expect(shownOf(everything, KEY)).toEqual([]);
		expect(house.voltTime.requests).toHaveLength(1);
	},
);
