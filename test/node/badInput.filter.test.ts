import type { IDataObject, INodeParameters } from 'n8n-workflow';

import { failureOf, useSandbox } from '../support/sandbox';
import { expectProportional } from '../support/work';

const house = useSandbox({ records: 5, transactionsPerCharger: 5 });

const json = (filterJson: string): INodeParameters => ({
	resource: 'chargeRecord',
	operation: 'getAll',
	filters: { filterJson },
});
const built = (...conditions: object[]): INodeParameters =>
	({
		resource: 'chargeRecord',
		operation: 'getPage',
		filters: { filterConditions: { conditions } },
	}) as INodeParameters;

async function expectRefused(run: Promise<unknown>, ...words: Array<string | RegExp>): Promise<void> {
	const { message, description, httpCode } = await failureOf(run);
	expect([house.spirii.requests, house.voltTime.requests]).toEqual([[], []]);
	for (const word of words) expect(`${message} ${description}`).toMatch(word);
	expect(message.length).toBeLessThan(400);
	expect(httpCode).toBeNull();
}

describe('a filter in JSON', () => {
	test.each([
		['{ "consumed": 1', 'must be JSON, but it does not parse'],
		['consumed > 1', 'must be JSON'],
		['[]', 'it must be an object such as'],
		['3', 'it must be an object such as'],
		['null', 'it must be an object such as'],
		['{ "price": 3 }', /"price" is no field that the API can filter by.*Allowed are operatorId, /],
		['{ "__proto__": 3 }', '"__proto__" is no field'],
		['{ "constructor": 3 }', '"constructor" is no field'],
		['{ "consumed": { "$near": 3 } }', /"\$near" is no operator that the API knows.*Allowed are \$eq, /],
		['{ "$where": "sleep(1000)" }', /\$where is no operator/],
		['{ "consumed": { "$where": "1" } }', '"$where" is no operator'],
		['{ "$and": [{ "$or": [{ "consumed": { "$where": 1 } }] }] }', '$and[0].$or[0].consumed.$where'],
		['{ "$nor": [{ "consumed": 1 }] }', '$nor is no operator'],
		['{ "$and": [] }', '$and must be a list of conditions'],
		['{ "$or": { "consumed": 1 } }', '$or must be a list of conditions'],
		['{ "consumed": {} }', 'consumed needs at least one operator'],
		['{ "consumed": "10" }', 'consumed must be a number; "10" was given'],
		['{ "consumed": { "$gt": "10" } }', 'consumed.$gt must be a number'],
		['{ "location.id": { "$in": [] } }', 'location.id.$in must be a list of values'],
		['{ "location.id": { "$in": 3 } }', 'location.id.$in must be a list of values'],
		['{ "location.id": { "$in": [3, "4"] } }', 'location.id.$in must be a number; "4" was given'],
		['{ "isRoaming": 1 }', 'isRoaming must be true or false; 1 was given'],
		['{ "voucher.id": { "$exists": "yes" } }', 'voucher.id.$exists must be true or false'],
		['{ "consumed": { "$regex": "1" } }', 'consumed.$regex is a number field'],
		['{ "evseId": { "$regex": 5 } }', 'evseId.$regex must be text; 5 was given'],
		['{ "startedAt": { "$gt": "soon" } }', /startedAt\.\$gt" must be a date such as .*"soon" was given/],
		['{ "startedAt": { "$gt": { "$date": "2026-01-01" } } }', 'startedAt.$gt'],
		['{ "role": ["CPO"] }', 'role must be text'],
	])('is refused before any request: %s', async (filterJson, words) => {
		const run = house.run.spirii(json(filterJson));
		await expectRefused(run, 'Filter (JSON)', words);
	});

	test.each<[string, (times: number) => string]>([
		['text', (times) => JSON.stringify({ evseId: 'x'.repeat(times * 1_000_000) })],
		[
			'a list',
			(times) => {
				const ids = Array.from({ length: times * 200_000 }, (_, id) => id);
				return JSON.stringify({ 'location.id': { $in: ids } });
			},
		],
		['an expression', (times) => `={{ JSON.stringify({ evseId: "x".repeat(${times} * 1000000) }) }}`],
		['what grows in the address', (times) => JSON.stringify({ evseId: 'Æ'.repeat(times * 5000) })],
		['nonsense', (times) => 'x'.repeat(times * 1_000_000)],
	])('of a megabyte is refused, with work in proportion to its length: %s', async (_, textOf) => {
		const words = /"Filter \(JSON\)" must be at most 12000 characters long in the address, but it has \d{5,}/;
		const texts = new Map([1, 4].map((times) => [times, textOf(times)]));
		await expectProportional(async (times) => {
			await expectRefused(house.run.spirii(json(texts.get(times)!)), words);
		});
	});

	test('that nests a thousand times is refused in words', async () => {
		const deep = `${'{"$and":['.repeat(1000)}{"consumed":"x"}${']}'.repeat(1000)}`;
		await expectRefused(house.run.spirii(json(deep)), 'Filter (JSON)', 'must not nest deeper than 50 levels');
	});
});

describe('a condition of the builder', () => {
	test('must be there when conditions were added', async () => {
		await expectRefused(house.run.spirii(built()), '"Conditions" must hold at least one condition');
	});

	test.each([
		[{ field: 'price', operator: '$eq', value: '3' }, '"price" is no field'],
		[{ field: 'consumed', operator: '$near', value: '3' }, '"$near" is no operator'],
		[
			{ field: 'consumed', operator: '$gt', value: 'much' },
			'condition 1 (Energy in kWh) must be a number; "much" was given',
		],
		[{ field: 'consumed', operator: '$gt', value: '' }, 'condition 1 (Energy in kWh) has no value'],
		[{ field: 'consumed', operator: '$regex', value: '1' }, 'condition 1 (Energy in kWh) is a number field'],
		[{ field: 'evseId', operator: '$eq', value: '' }, 'condition 1 (EVSE ID) has no value'],
		[
			{ field: 'location.id', operator: '$in', value: '1, two' },
			'condition 1 (Location ID) must be a number; "two"',
		],
		[
			{ field: 'location.id', operator: '$nin', value: ' , ' },
			'condition 1 (Location ID) has an entry without a value',
		],
		[{ field: 'startedAt', operator: '$lt', value: 'soon' }, /condition 1 \(Started At\)" must be a date/],
		[{ field: 'endedAt', operator: '$lt', value: '' }, 'condition 1 (Ended At) has no value'],
	])('is refused before any request: %j', async (condition, words) => {
		await expectRefused(house.run.spirii(built(condition)), 'Conditions', words);
	});

	test('is named by its number', async () => {
		const good = { field: 'consumed', operator: '$gt', value: '3' };
		const bad = { field: 'transactionId', operator: '$eq', value: 'x' };
		await expectRefused(
			house.run.spirii(built(good, good, bad)),
			'condition 3 (Transaction ID) must be a number',
		);
	});
});

describe('a credential that cannot be used', () => {
	async function expectBothRefused(change: IDataObject, ...words: Array<string | RegExp>): Promise<void> {
		const { spiriiApi, voltTimeApi } = house.credentials();
		const { key, ...rest } = change;
		const secret = key === undefined ? {} : { apiKey: key, accessToken: key };
		const credentials = {
			spiriiApi: { ...spiriiApi, ...secret, ...rest },
			voltTimeApi: { ...voltTimeApi, ...secret, ...rest },
		};
		await expectRefused(
			house.run.spirii({ resource: 'transaction', operation: 'getAll' }, { credentials }),
			...words,
		);
		await expectRefused(
			house.run.voltTime({ resource: 'team', operation: 'getAll' }, { credentials }),
			...words,
		);
	}

	test.each([
		'http://api.example.com',
		'http://localhost.example.com',
		'http://127.0.0.1.example.com',
		'http://10.0.0.1',
		'ftp://127.0.0.1',
		'file:///etc/passwd',
		'HTTP://API.EXAMPLE.COM',
	])('because its base URL is not https: %s', async (baseUrl) => {
		const begin = baseUrl.toLowerCase().replace(/\/etc.*/, '');
		const words = `The credential's "Base URL" must start with https://, but "${begin}" was given`;
		await expectBothRefused({ baseUrl }, words, 'Plain http is accepted for this machine only');
	});

	test.each(['', '  ', 'api.spirii.com', '/v2', 'https://', 'not a URL', 'localhost:5678/x y'])(
		'because its base URL is none: "%s"',
		async (baseUrl) => {
			await expectBothRefused({ baseUrl }, /"Base URL" must (be a full address|start with https)/);
		},
	);

	test('because its base URL holds a password, which is not shown', async () => {
		const baseUrl = 'https://user:hunter2@api.example.com';
		await expectBothRefused({ baseUrl }, '"Base URL" must not hold a user name or a password');
		const { voltTimeApi } = house.credentials();
		const { everything } = await failureOf(
			house.run.voltTime(
				{ resource: 'team', operation: 'getAll' },
				{ credentials: { voltTimeApi: { ...voltTimeApi, baseUrl: 'http://user:hunter2@api.example.com' } } },
			),
		);
		expect(everything).not.toContain('hunter2');
	});

	test.each(['abc\ndef', 'abc\r\nX-Admin: 1', 'abc def', 'abc\tdef', 'nøgle', 'abc\u0000'])(
		'because its key holds what no header can: %j',
		async (key) => {
			await expectBothRefused({ key }, /"(API Key|Access Token)" must be one line of plain characters/);
		},
	);

	test.each(['', '   ', 'Bearer', 'Bearer   ', '\n'])('because its key is empty: %j', async (key) => {
		await expectBothRefused({ key }, /The credential's "(API Key|Access Token)" is empty/);
	});

	test('and does not show the key that it has', async () => {
		const { spiriiApi } = house.credentials();
		const apiKey = 'first-half\nsecond-half';
		const { everything } = await failureOf(
			house.run.spirii(
				{ resource: 'transaction', operation: 'getAll' },
				{ credentials: { spiriiApi: { ...spiriiApi, apiKey } } },
			),
		);
		expect(everything).not.toMatch(/first-half|second-half/);
	});
});
