import type { INodeParameters, INodePropertyOptions } from 'n8n-workflow';

import { operationsOf, type OperationEntry } from '../../nodes/shared/node/operation';
import type { Sent, WireExample, WireExamples } from '../../nodes/shared/parameters/wireExamples';
import { vendorNames, type RecordedRequest } from '../../sandbox';
import { leavesOf, nameOf, placed } from '../support/parameters';
import { requiredOf, resourceFiles } from '../support/resources';
import { useSandbox } from '../support/sandbox';
import { vendorClasses } from '../support/vendors';

const house = useSandbox({ records: 60, transactionsPerCharger: 5 });

/** The vendor of each folder, which has the name of the node in it. */
const vendors = Object.fromEntries(vendorNames.map((name) => [vendorClasses[name].Node.name, name] as const));

/** Fields as a query string holds them: texts, and lists of texts. */
function asTexts(sent: Sent): Record<string, string | string[]> {
	return Object.fromEntries(
		Object.entries(sent).map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]),
	);
}

function queryOf({ query }: Pick<RecordedRequest, 'query'>): Record<string, string | string[]> {
	const names = [...new Set(query.keys())];
	return Object.fromEntries(
		names.map((name) => {
			const values = query.getAll(name);
			return [name, values.length > 1 ? values : values[0]];
		}),
	);
}

/** A request line such as `GET /v2/transactions?limit=50`; digits are numbers. */
function parseRequest(line: string): { method: string; path: string; fields: Sent } {
	const [method, target] = line.split(' ');
	const { pathname: path, searchParams } = new URL(target, 'http://sandbox');
	const fields = [...searchParams].map(([name, text]) => [name, /^\d+$/.test(text) ? Number(text) : text]);
	return { method, path, fields: Object.fromEntries(fields) as Sent };
}

const cases = resourceFiles().flatMap(({ vendor, resource, wire }) =>
	operationsOf([resource]).map((entry): [string, OperationEntry, WireExamples, string] => [
		`${vendor} ${nameOf(entry)}`,
		entry,
		wire,
		vendor,
	]),
);

describe.each(cases)('%s', (_, entry, wire, vendor) => {
	const { operation } = entry;
	const name = vendors[vendor];
	const leaves = leavesOf(operation).filter(({ type }) => type !== 'hidden');
	const examplesOf = (name: string): WireExample[] => wire.parameters[name] ?? [];

	/** The first request of a run with these values, which has to hold these fields beside those of every request. */
	async function expectSent(values: INodeParameters, fields: Sent): Promise<void> {
		const names = new Set(leaves.map(({ name }) => name));
		const known = Object.entries({ ...requiredOf(entry, wire), ...values }).filter(([name]) =>
			names.has(name),
		);
		await house.run[name](placed(entry, Object.fromEntries(known) as INodeParameters));
		const [request] = house[name].requests;
		const line = parseRequest(wire.requests[operation.value]);
		expect(request).toMatchObject({ method: line.method, path: line.path, status: 200 });
		expect(request.headers.authorization).toBe(`Bearer ${house[name].key}`);
		const accept = operation.value === 'download' ? 'text/csv, */*' : 'application/json';
		expect(request.headers.accept).toBe(accept);

		const required = leaves.filter(({ name }) => name in (wire.required ?? {}));
		const always = required.map(({ name }) => examplesOf(name)[0]?.sent ?? {});
		const sent = Object.assign({}, line.fields, ...always, fields) as Sent;
		const { sentIn = 'query' } = wire;
		expect(queryOf(request)).toEqual(sentIn === 'body' ? {} : asTexts(sent));
		if (sentIn !== 'query') {
			expect(request.headers['content-type']).toMatch(/^application\/json/);
			expect(JSON.parse(request.body)).toEqual(sent);
		} else expect(request.body).toBe('');
	}

	test('has an example of each of its parameters', () => {
		expect(leaves.map(({ name }) => name).filter((name) => examplesOf(name).length === 0)).toEqual(
			leaves
				.map(({ name }) => name)
				.filter((name) => name in (wire.required ?? {}) && !wire.parameters[name]),
		);
	});

	test('sends nothing but what it always sends when no parameter is set', async () => {
		await expectSent({}, {});
	});

	const single = leaves.flatMap(({ name }) =>
		examplesOf(name).map((one): [string, string, WireExample] => [name, JSON.stringify(one.given), one]),
	);
	if (single.length > 0) {
		test.each(single)('sends %s %s as documented, and nothing else', async (name, _given, one) => {
			await expectSent({ ...one.beside, [name]: one.given } as INodeParameters, one.sent);
		});
	}

	test('sends every value that the canvas offers for a choice', () => {
		for (const { name, type, options, routing } of leaves) {
			if (type !== 'options' || routing?.send === undefined) continue;
			const offered = (options as INodePropertyOptions[]).map(({ value }) => value);
			expect([
				name,
				examplesOf(name)
					.map(({ given }) => given)
					.sort(),
			]).toEqual([name, [...offered].sort()]);
		}
	});

	const pairs = wire.exclusive ?? [];
	test.each(pairs.length > 0 ? [0, 1] : [0])(
		'sends all parameters together, of those that exclude each other number %i',
		async (left) => {
			const leftOut = new Set(pairs.map((pair) => pair[1 - left]));
			const values: INodeParameters = {};
			const sent: Sent = {};
			for (const { name } of leaves) {
				// How conditions are joined stands in the example of the filter in JSON, and for periods in a test of their own.
				if (leftOut.has(name) || name === 'filterCombinator' || /^period/.test(name)) continue;
				const [one] = examplesOf(name);
				if (!one) continue;
				Object.assign(values, { [name]: one.given, ...one.beside });
				Object.assign(sent, one.sent);
			}
			await expectSent(values, sent);
		},
	);
});

describe.each(resourceFiles().map((file) => [`${file.vendor} ${file.resource.value}`, file] as const))(
	'%s',
	(_, { resource, wire }) => {
		test('has an example of the request of each operation, and of no other', () => {
			const names = resource.operations.map(({ value }) => value);
			expect(Object.keys(wire.requests).sort()).toEqual(names.sort());
		});

		test('has no example left over from a parameter that has gone', () => {
			const names = resource.operations.flatMap((operation) => leavesOf(operation).map(({ name }) => name));
			const examples = [...Object.keys(wire.parameters), ...Object.keys(wire.required ?? {})];
			expect(examples.filter((name) => !names.includes(name))).toEqual([]);
		});
	},
);
