import {
	NodeHelpers,
	type IDataObject,
	type INode,
	type INodeParameters,
	type INodeProperties,
	type INodePropertyCollection,
} from 'n8n-workflow';

import { FILTER_FIELDS, FILTER_OPERATORS } from '../../nodes/Spirii/filter';
import { chargeRecords } from '../../nodes/Spirii/resources/chargeRecord';
import { filtersOf } from '../../nodes/shared/node/lists';
import { failureOf, useSandbox } from '../support/sandbox';

const house = useSandbox({ records: 30, transactionsPerCharger: 1 });

/** A choice as the picker of the canvas writes it. */
const picked = (mode: string, value: unknown) => ({ __rl: true, mode, value });

/** The node as a workflow has it, in JSON: whatever a person, a program or a model wrote there. */
const node = (chosen: unknown, operation = 'getAll') =>
	({ resource: 'chargeRecord', operation, filters: chosen }) as INodeParameters;
const json = (filterJson: unknown) => node({ filterJson });
const conditions = (...all: unknown[]) => node({ filterConditions: { conditions: all } });

/** Fields that are missing, empty, or of no use, beside those that are not there at all. */
const item: IDataObject = { site: 1800, nothing: null, blank: '', blanks: '  ', list: [], text: 'abc' };
const run = async (parameters: INodeParameters) =>
	// By a schedule: for a person, an empty list is followed by a request without the filter.
	await house.run.spirii(parameters, { items: [{ json: item }], mode: 'trigger' });

/** Expects that the run ends with a message, and that nothing was asked for. */
async function expectRefused(parameters: INodeParameters, ...words: Array<string | RegExp>): Promise<void> {
	const { message, description, cause } = await failureOf(run(parameters));
	for (const word of words) expect(message).toMatch(word);
	expect(description).not.toBe('');
	expect(cause).toBe('configuration-invalid');
	expect(message.length).toBeLessThan(400);
	expect(house.spirii.requests).toEqual([]);
}

/** What the only request had as its filter. */
async function sentFilter(parameters: INodeParameters): Promise<unknown> {
	await run(parameters);
	expect(house.spirii.requests).toHaveLength(1);
	return JSON.parse(String(house.spirii.requests[0].query.get('filter')));
}

describe('Filter (JSON) without a value where one belongs', () => {
	const empty = 'is empty and would let every charge record through';
	const isNull = 'is null, which an expression also gives where a value is missing';
	test.each<[string, string | RegExp]>([
		['{}', `it ${empty}`],
		['{ "$and": [{}] }', `$and[0] ${empty}`],
		['{ "$or": [{ "consumed": { "$gt": 1 } }, {}] }', `$or[1] ${empty}`],
		['={{ {} }}', `it ${empty}`],
		['={{ "{}" }}', `it ${empty}`],
		['={{ new Map([["location.id", $json.site]]) }}', `it ${empty}`],
		['={{ JSON.stringify({ "location.id": $json.missing }) }}', `it ${empty}`],
		['={{ JSON.stringify({ $and: [{ "location.id": $json.missing }] }) }}', `$and[0] ${empty}`],
		['={{ JSON.stringify({ "location.id": { $gt: $json.missing } }) }}', 'needs at least one operator'],
		['={{ JSON.stringify({ "location.id": $json.nothing }) }}', `location.id ${isNull}`],
		['={{ JSON.stringify({ "location.id": Number($json.missing) }) }}', `location.id ${isNull}`],
		['={{ JSON.stringify({ "location.id": { $eq: $json.nothing } }) }}', `location.id.$eq ${isNull}`],
		['={{ JSON.stringify({ "location.id": { $ne: $json.nothing } }) }}', `location.id.$ne ${isNull}`],
		[
			'={{ JSON.stringify({ "location.id": { $gt: $json.nothing } }) }}',
			'$gt must be a number; null was given',
		],
		[
			'={{ JSON.stringify({ "location.id": { $in: [$json.missing] } }) }}',
			'$in must be a number; null was given',
		],
		[
			'={{ JSON.stringify({ "location.id": { $nin: $json.list } }) }}',
			'$nin must be a list of values; [] was given',
		],
		['={{ JSON.stringify({ "auth.idTag.uid": $json.blank }) }}', 'auth.idTag.uid must be text; "" was given'],
		[
			'={{ JSON.stringify({ "auth.idTag.uid": $json.blanks }) }}',
			'auth.idTag.uid must be text; "  " was given',
		],
		['={{ { "location.id": $json.missing } }}', 'location.id must be a number; undefined was given'],
		['={{ { "location.id": $json.site, "role": $json.missing } }}', 'role must be text; undefined was given'],
		['={{ { "location.id": $json.nothing } }}', `location.id ${isNull}`],
		['={{ { "location.id": NaN } }}', 'location.id must be a number; NaN was given'],
		[
			'={{ { "location.id": { $in: [$json.site, $json.missing] } } }}',
			'$in must be a number; undefined was given',
		],
		['={{ { "endedAt": { $gte: $json.missing } } }}', 'endedAt.$gte must be a date; undefined was given'],
		['={{ { "endedAt": { $gte: DateTime.fromISO("x") } } }}', /endedAt\.\$gte.* must be a date/],
		[
			'={{ { "voucher.id": { $exists: $json.missing } } }}',
			'$exists must be true or false; undefined was given',
		],
		['={ "location.id": {{ $json.missing }} }', 'must be JSON, but it does not parse'],
		['={ "auth.idTag.uid": "{{ $json.missing }}" }', 'auth.idTag.uid must be text; "" was given'],
		['={ "role": null }', `role ${isNull}`],
		['={{ [{ "location.id": $json.site }] }}', 'it must be an object such as'],
		['={{ false }}', 'it must be an object such as'],
		['={{ $json.missing }}', /Filter \(JSON\)/],
		['={{ $json.nothing }}', /Filter \(JSON\)/],
	])('is refused, and the place named: %s', async (filterJson, words) => {
		await expectRefused(json(filterJson), 'Filter (JSON)', words);
	});

	test.each<[string, IDataObject, string]>([
		['null', { role: null }, `role ${isNull}`],
		['an expression', { 'location.id': '={{ $json.missing }}' }, 'location.id must be a number; undefined'],
		['an expression that gives null', { role: { $ne: '={{ $json.nothing }}' } }, `role.$ne ${isNull}`],
		['nothing', {}, `it ${empty}`],
	])('is refused as well where the workflow has an object with %s', async (_, filter, words) => {
		await expectRefused(json(filter), 'Filter (JSON)', words);
	});

	test('is told from null that a person wrote, which is sent', async () => {
		const filter = { role: null, 'voucher.id': { $ne: null } };
		expect(await sentFilter(json(JSON.stringify(filter)))).toEqual(filter);
	});

	test('left blank on the canvas is not applied, and a hint says so', async () => {
		const { hints } = await run(json(''));
		expect(house.spirii.requests[0].query.has('filter')).toBe(false);
		expect(hints.map(({ message }) => message)).toEqual([
			'The filter "Filter (JSON)" was left blank for at least one item and was not applied.',
		]);
	});
});

describe('Filter (JSON) that attacks', () => {
	test.each<[string, unknown, string | RegExp]>([
		['a text a million levels deep', `${'{"$and":['.repeat(1e6)}{"consumed":1}`, 'at most 12000 characters'],
		['lists a million deep', '['.repeat(1e6), 'at most 12000 characters'],
		['lists six thousand deep', '['.repeat(5999) + ']'.repeat(5999), 'must be an object such as'],
		[
			'queries 51 levels deep',
			`${'{"$and":['.repeat(51)}{"consumed":1}${']}'.repeat(51)}`,
			'not nest deeper',
		],
		['24 kB', JSON.stringify({ evseId: 'x'.repeat(24_000) }), 'at most 12000 characters'],
		['24 kB of an object', { evseId: 'x'.repeat(24_000) }, 'at most 12000 characters'],
		[
			'many fields',
			{ $and: Array.from({ length: 2000 }, () => ({ consumed: 1 })) },
			'at most 12000 characters',
		],
		['__proto__', '{"__proto__":{"consumed":1}}', '"__proto__" is no field'],
		['__proto__ in a query', '{"$and":[{"__proto__":{"consumed":1}}]}', '"__proto__" is no field'],
		['__proto__ as an operator', '{"consumed":{"__proto__":1}}', '"__proto__" is no operator'],
		['__proto__ as a value', '{"consumed":{"$eq":{"__proto__":1}}}', 'must be a number'],
		['constructor', '{"constructor":{"prototype":{}}}', '"constructor" is no field'],
		['toString', '{"toString":1}', '"toString" is no field'],
		['hasOwnProperty as an operator', '{"consumed":{"hasOwnProperty":1}}', '"hasOwnProperty" is no operator'],
		['$where', '{"$where":"sleep(1000)"}', '$where is no operator'],
		['$where under a field', '{"role":{"$where":"1"}}', '"$where" is no operator'],
		['$where as a value', '{"role":{"$eq":{"$where":"1"}}}', 'must be text'],
		['$where in a list', '{"role":{"$in":[{"$where":"1"}]}}', 'must be text'],
		['$expr', '{"$expr":{"$gt":["$consumed",0]}}', '$expr is no operator'],
		['$function', '{"$expr":{"$function":{"body":"x","args":[],"lang":"js"}}}', '$expr is no operator'],
		['$jsonSchema', '{"$jsonSchema":{}}', '$jsonSchema is no operator'],
		['$text', '{"$text":{"$search":"x"}}', '$text is no operator'],
		['$comment', '{"$comment":"x"}', '$comment is no operator'],
		['$nor', '{"$nor":[{"consumed":1}]}', '$nor is no operator'],
		['$not', '{"role":{"$not":{"$eq":"x"}}}', '"$not" is no operator'],
		['$elemMatch', '{"role":{"$elemMatch":{"a":1}}}', '"$elemMatch" is no operator'],
		['$type', '{"role":{"$type":2}}', '"$type" is no operator'],
		['$mod', '{"consumed":{"$mod":[2,0]}}', '"$mod" is no operator'],
		['$options', '{"role":{"$regex":"x","$options":"i"}}', '"$options" is no operator'],
		['$regex on a number', '{"consumed":{"$regex":".*"}}', '$regex works on text only'],
		['$regex of an object', '{"role":{"$regex":{"$regex":"x"}}}', 'must be text'],
		['a regular expression', '={{ { role: /x/ } }}', 'role'],
		['a function', '={{ { consumed: () => 1 } }}', 'consumed must be a number'],
		['inherited operators', '={{ { consumed: Object.create({ $gt: 0 }) } }}', 'needs at least one operator'],
		['a big integer', '={{ { transactionId: BigInt(5) } }}', 'transactionId must be a number; 5 was given'],
		['a list of one', '{"role":["CPO"]}', 'must be text'],
		['a field with a blank', '{" consumed":1}', '" consumed" is no field'],
		['a field of another case', '{"Consumed":1}', '"Consumed" is no field'],
		['a field as a path', '{"location":{"id":1}}', '"location" is no field'],
		['$and of an object', '{"$and":{"0":{"consumed":1}}}', '$and must be a list'],
		['$and of nothing', '{"$and":[]}', '$and must be a list'],
		['$and of null', '{"$and":[null]}', '$and[0] must be an object'],
		['$or under a field', '{"consumed":{"$or":[{"$gt":1}]}}', '"$or" is no operator'],
		['a number of 20 digits', '{"transactionId":12345678901234567890}', 'more digits than JSON can carry'],
		['1e400', '{"transactionId":1e400}', 'more digits than JSON can carry; Infinity was given'],
		['1e400 in a list', '{"transactionId":{"$nin":[1,-1e400]}}', 'more digits than JSON can carry'],
	])('is refused: %s', async (_, filterJson, words) => {
		await expectRefused(json(filterJson), 'Filter (JSON)', words);
		expect(({} as IDataObject).consumed).toBeUndefined();
	});

	test.each([
		'(() => { const query = {}; query.$and = [query]; return query; })()',
		'(() => { const list = []; list.push(list); return { consumed: list }; })()',
	])('ends the item where it contains itself: %s', async (expression) => {
		// n8n's own reading of parameters does not come to an end (n8n 2.41.1).
		await failureOf(run(json(`={{ ${expression} }}`)));
		expect(house.spirii.requests).toEqual([]);
	});

	test('has its pattern handed to the API as it is', async () => {
		const filter = { evseId: { $regex: '^(a+)+$' } };
		expect(await sentFilter(json(JSON.stringify(filter)))).toEqual(filter);
	});
});

describe('a condition', () => {
	const good = { field: 'consumed', operator: '$gt', value: '1' };
	const roaming = { field: 'isRoaming', operator: '$eq', value: 'false' };
	const site = { field: 'location.id', operator: '$eq', value: '1800' };
	const ended = { field: 'endedAt', operator: '$gte', value: '2026-01-31' };

	test.each<[object, string | RegExp]>([
		[{}, 'condition 2 has no field'],
		[{ ...site, field: undefined }, 'condition 2 has no field'],
		[{ ...site, field: null }, 'condition 2 has no field'],
		[{ ...site, field: '' }, 'condition 2 has no field'],
		[{ ...site, field: ' ' }, 'condition 2 has no field'],
		[{ ...site, field: 5 }, '5 is no field that the API can filter by (at condition 2)'],
		[{ ...site, field: true }, 'true is no field'],
		[{ ...site, field: ['location.id'] }, '["location.id"] is no field'],
		[{ ...site, field: { value: 'location.id' } }, 'is no field'],
		[{ ...site, field: 'Location ID' }, '"Location ID" is no field'],
		[{ ...site, field: '={{ $json.missing }}' }, 'condition 2 has no field'],
		[{ ...site, operator: undefined }, 'condition 2 (Location ID) has no operator'],
		[{ ...site, operator: null }, 'condition 2 (Location ID) has no operator'],
		[{ ...site, operator: '' }, 'condition 2 (Location ID) has no operator'],
		[{ ...site, operator: 0 }, '0 is no operator that the API knows (at condition 2 (Location ID))'],
		[{ ...site, operator: ['$eq'] }, '["$eq"] is no operator'],
		[{ ...site, operator: 'equals' }, '"equals" is no operator'],
		[{ ...site, operator: '={{ $json.missing }}' }, 'condition 2 (Location ID) has no operator'],
		[{ ...site, value: undefined }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: null }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: picked('list', '') }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: picked('id', '={{ $json.missing }}') }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: picked('id', 'Amager') }, 'condition 2 (Location ID) must be a number'],
		[{ ...site, value: '' }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: ' ' }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: false }, 'condition 2 (Location ID) must be a number; false was given'],
		[{ ...site, value: [] }, 'condition 2 (Location ID) has no value'],
		[{ ...site, value: [1800] }, 'condition 2 (Location ID) must be a number; [1800] was given'],
		[{ ...site, value: { value: 1800 } }, 'condition 2 (Location ID) must be a number'],
		[{ ...site, value: '12345678901234567890' }, 'more digits than JSON can carry; "12345678901234567890"'],
		[{ ...site, operator: '$ne', value: null }, 'condition 2 (Location ID) has no value'],
		[{ ...site, operator: '$in', value: null }, 'condition 2 (Location ID) has no value'],
		[{ ...site, operator: '$nin', value: '' }, 'condition 2 (Location ID) has no value'],
		[
			{ ...site, operator: '$nin', value: '1800, ' },
			'condition 2 (Location ID) has an entry without a value',
		],
		[
			{ ...site, operator: '$nin', value: [1800, null] },
			'condition 2 (Location ID) has an entry without a value',
		],
		[{ ...site, operator: '$exists', value: null }, 'condition 2 (Location ID) has no value'],
		[{ ...site, operator: '$exists', value: '1800' }, 'condition 2 (Location ID) must be true or false'],
		[{ ...site, operator: '$regex', value: null }, 'condition 2 (Location ID) has no value'],
		[{ ...roaming, value: undefined }, 'condition 2 (Is Roaming) has no value'],
		[{ ...roaming, value: null }, 'condition 2 (Is Roaming) has no value'],
		[{ ...roaming, value: '' }, 'condition 2 (Is Roaming) has no value'],
		[{ ...roaming, value: 'no' }, 'condition 2 (Is Roaming) must be true or false; "no" was given'],
		[{ ...roaming, value: 0 }, 'condition 2 (Is Roaming) must be true or false; 0 was given'],
		[{ ...ended, value: undefined }, 'condition 2 (Ended At) has no value'],
		[{ ...ended, value: null }, 'condition 2 (Ended At) has no value'],
		[{ ...ended, value: 'last week' }, /condition 2 \(Ended At\)" must be a date/],
		[{ ...ended, value: 1769814000000 }, /condition 2 \(Ended At\)" must be a date/],
		[{ ...ended, value: true }, /condition 2 \(Ended At\)" must be a date/],
		// Names that one may think of, and those of an older canvas.
		[{ field: 'isRoaming', operator: '$eq', booleanValue: false }, 'condition 2 (Is Roaming) has no value'],
		[{ field: 'endedAt', operator: '$gte', dateValue: '2026-01-31' }, 'condition 2 (Ended At) has no value'],
		[
			{ field: 'voucher.id', operator: '$exists', existsValue: false },
			'condition 2 (Voucher ID) has no value',
		],
		[{ field: 'location.id', operator: '$in', values: [1800] }, 'condition 2 (Location ID) has no value'],
		[{ name: 'location.id', operator: '$eq', value: '1800' }, 'condition 2 has no field'],
		[{ field: 'location.id', comparison: '$eq', value: '1800' }, 'condition 2 (Location ID) has no operator'],
		[{ 'location.id': 1800 }, 'condition 2 has no field'],
	])('that does not hold together is refused by its number: %j', async (condition, words) => {
		await expectRefused(conditions(good, condition), 'Conditions', words);
	});

	test('without a value says what to choose, not that nothing was given', async () => {
		const refused = async (condition: object) => {
			const { message, description } = await failureOf(run(conditions(condition)));
			return [message, String(description).split(', or')[0]];
		};
		expect(await refused({ ...ended, value: '' })).toEqual([
			'"Conditions": condition 1 (Ended At) has no value',
			'Choose a date for condition 1 (Ended At)',
		]);
		expect(await refused({ ...site, value: '' })).toEqual([
			'"Conditions": condition 1 (Location ID) has no value',
			'Fill in a value for condition 1 (Location ID)',
		]);
		expect(await refused({ ...site, value: 'Amager' })).toEqual([
			'"Conditions": condition 1 (Location ID) must be a number; "Amager" was given',
			'Correct condition 1 (Location ID) in "Conditions".',
		]);
	});

	test.each([null, 'location.id', 5, [site]])('that is no condition at all is refused: %j', async (given) => {
		await expectRefused(conditions(good, given), '"Conditions": condition 2 has no field');
	});

	test.each<[string, unknown]>([
		['nothing', {}],
		['null', null],
		['no condition', { conditions: [] }],
		['a list', [site]],
		['text', 'location.id = 1800'],
		['an expression', '={{ { conditions: [{ field: "location.id", operator: "$eq", value: "1800" }] } }}'],
		['a number', 5],
		['another name', { condition: [site] }],
		['a condition by itself', site],
	])('is missed where the conditions are %s', async (_, filterConditions) => {
		await expectRefused(node({ filterConditions }), '"Conditions" must hold at least one condition');
	});

	test.each<[string, unknown]>([
		['no list', site],
		['null', null],
	])('is missed, and the node not even loaded, where the list of conditions is %s', async (_, list) => {
		await expect(run(node({ filterConditions: { conditions: list } }))).rejects.toThrow();
		expect(house.spirii.requests).toEqual([]);
	});

	const blanks: Array<[string, string]> = [
		['missing', '={{ $json.missing }}'],
		['null', '={{ $json.nothing }}'],
		['empty', '={{ $json.blank }}'],
		['blank', '={{ $json.blanks }}'],
		['no number', '={{ Number($json.missing) }}'],
		['an empty list', '={{ $json.list }}'],
	];
	const fields: Array<[string, string]> = [
		['location.id', 'Location ID'],
		['auth.idTag.uid', 'ID Tag UID'],
		['isRoaming', 'Is Roaming'],
		['endedAt', 'Ended At'],
	];
	test.each(
		fields.flatMap(([field, label]) => blanks.map(([what, value]) => ({ field, label, what, value }))),
	)(
		'on $label is refused by its name where the expression of its value is $what',
		async ({ field, label, value }) => {
			for (const operator of ['$eq', '$ne', '$nin', '$exists']) {
				await expectRefused(
					conditions(good, { field, operator, value }),
					`"Conditions": condition 2 (${label}) has no value`,
				);
			}
		},
	);

	test.each<[unknown, object]>([
		[roaming, { isRoaming: false }],
		[{ ...roaming, value: false }, { isRoaming: false }],
		[{ ...roaming, value: '={{ $json.missing === true }}' }, { isRoaming: false }],
		[{ ...roaming, value: 'true', booleanValue: false }, { isRoaming: true }],
		[site, { 'location.id': 1800 }],
		[{ ...site, value: 1800 }, { 'location.id': 1800 }],
		[{ ...site, value: '={{ $json.site }}' }, { 'location.id': 1800 }],
		[{ ...site, value: picked('list', '1800') }, { 'location.id': 1800 }],
		[
			{ ...site, operator: '$ne', value: picked('id', '={{ $json.site }}') },
			{ 'location.id': { $ne: 1800 } },
		],
		[
			{ field: 'evseId', operator: '$eq', value: picked('list', 'DK.SPI.ZM0050*1') },
			{ evseId: 'DK.SPI.ZM0050*1' },
		],
		[{ field: 'chargeBoxId', operator: '$eq', value: picked('id', 30400) }, { chargeBoxId: 30400 }],
		[{ ...site, operator: '$in', value: [1800, '1801'] }, { 'location.id': { $in: [1800, 1801] } }],
		[{ ...site, operator: '$in', value: '={{ [$json.site] }}' }, { 'location.id': { $in: [1800] } }],
		[{ ...site, operator: '$exists', value: false }, { 'location.id': { $exists: false } }],
		[{ ...site, field: '={{ "location.id" }}' }, { 'location.id': 1800 }],
		[{ ...ended, operator: '={{ "$gte" }}' }, { endedAt: { $gte: '2026-01-30T23:00:00.000Z' } }],
		[{ ...ended, value: '={{ $now }}' }, { endedAt: { $gte: expect.any(String) as string } }],
	])('sends what stands in it: %j', async (condition, filter) => {
		expect(await sentFilter(conditions(condition))).toEqual(filter);
	});
});

describe('the value of a condition', () => {
	const { options }: INodeProperties = chargeRecords.filters.find(({ name }) => name === 'filterConditions')!;
	const [{ values: properties }] = options as INodePropertyCollection[];
	const forms = properties.filter(({ name }) => name === 'value');
	const pairs = Object.keys(FILTER_FIELDS).flatMap((field) =>
		Object.keys(FILTER_OPERATORS).map((operator) => ({ field, operator })),
	);
	const shownFor = (condition: INodeParameters) =>
		forms.filter((form) => NodeHelpers.displayParameter(condition, form, null, null));

	test('is the only field beside field and operator, and none of the three has a default that means something', () => {
		expect([...new Set(properties.map(({ name }) => name))]).toEqual(['field', 'operator', 'value']);
		const valueOf = (preset: INodeProperties['default']) =>
			typeof preset === 'object' && preset !== null && 'value' in preset ? preset.value : preset;
		expect(properties.map((property) => valueOf(property.default))).toEqual(properties.map(() => ''));
	});

	test('has one form for each field and operator that go together, and never two', () => {
		const wrong = pairs.filter(({ field, operator }) => {
			const works = operator !== '$regex' || FILTER_FIELDS[field] === 'string';
			const count = shownFor({ field, operator }).length;
			return works ? count !== 1 : count > 1;
		});
		expect(wrong).toEqual([]);
		expect(pairs).toHaveLength(30 * 10);
	});

	test('is handed over by n8n as it stands in the workflow, whatever the field and the operator', () => {
		for (const { field, operator } of pairs) {
			if (shownFor({ field, operator }).length === 0) continue;
			for (const value of ['false', 'x', '={{ $json.x }}', false, 5, 0]) {
				const given = { filterConditions: { conditions: [{ field, operator, value }] } };
				const kept = NodeHelpers.getNodeParameters(
					[filtersOf(...chargeRecords.filters)],
					{ filters: given },
					true,
					false,
					null as INode | null,
					null,
				);
				expect(kept).toEqual({ filters: given });
			}
		}
	});
});

describe('conditions and Filter (JSON) together', () => {
	const both = {
		filterConditions: {
			conditions: [
				{ field: 'consumed', operator: '$gt', value: '10' },
				{ field: 'consumed', operator: '$lt', value: '1' },
			],
		},
		filterCombinator: '$or',
		filterJson: '{ "isRoaming": false }',
	};

	test.each(['getAll', 'getPage', 'export'])('must both hold in %s', async (operation) => {
		const { items } = await run(node(both, operation));
		expect(
			house.spirii.requests.map(({ query }) =>
				query.getAll('filter').map((text) => JSON.parse(text) as unknown),
			),
		).toEqual([
			[{ $and: [{ $or: [{ consumed: { $gt: 10 } }, { consumed: { $lt: 1 } }] }, { isRoaming: false }] }],
		]);
		if (operation !== 'getAll') return;
		const { data } = house.spirii;
		const expected = data
			.listed('chargeRecords')
			.map((id) => data.get(id)!)
			.filter(({ consumed, roaming }) => (Number(consumed) > 10 || Number(consumed) < 1) && roaming === null);
		expect(expected.length).toBeGreaterThan(3);
		expect(items.map(({ json: record }) => record.transactionId).sort()).toEqual(
			expected.map(({ id }) => id).sort(),
		);
	});

	test('are each refused by their own name', async () => {
		const bad = { field: 'consumed', operator: '$lt', value: '' };
		const filterConditions = { conditions: [...both.filterConditions.conditions, bad] };
		await expectRefused(
			node({ ...both, filterConditions }),
			'"Conditions": condition 3 (Energy in kWh) has no value',
		);
		await expectRefused(node({ ...both, filterJson: '{}' }), '"Filter (JSON)": it is empty');
		await expectRefused(
			node({ ...both, filterConditions: {} }),
			'"Conditions" must hold at least one condition',
		);
	});

	test('a way to join that is not there is refused, not replaced', async () => {
		await expectRefused(node({ ...both, filterCombinator: 'or' }), '"Match" must be one of $and, $or');
		await expectRefused(node({ ...both, filterCombinator: '={{ $json.missing }}' }), /"Match"/);
	});
});
