import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { INodeParameters } from 'n8n-workflow';

import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { binaryOf, runNode, searchList } from '../support/n8n';
import { failureOf } from '../support/sandbox';

/** Answers that no documentation promises and a server may give all the same: what they must never become is wrong rows. */
type Answer = (url: URL) => object | { type: string; text: string };

let server: Server;
let baseUrl: string;
let answer: Answer;
let asked: string[];

beforeAll(async () => {
	server = createServer((request, response) => {
		asked.push(request.url as string);
		const given = answer(new URL(request.url as string, baseUrl));
		const isText = 'text' in given;
		response.setHeader('Content-Type', isText ? given.type : 'application/json');
		response.end(isText ? given.text : JSON.stringify(given));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => (asked = []));
afterAll(() => server.close());

const spirii = async (parameters: INodeParameters) =>
	await runNode({
		node: new Spirii(),
		parameters: { output: 'raw', ...parameters },
		credentials: { spiriiApi: { apiKey: 'key', environment: 'custom', baseUrl } },
	});
const voltTimeRun = (parameters: INodeParameters) => ({
	node: new VoltTime(),
	parameters: { output: 'raw', resource: 'legacyTransaction', ...parameters },
	credentials: { voltTimeApi: { accessToken: 'token', baseUrl } },
});
const voltTime = async (parameters: INodeParameters) => await runNode(voltTimeRun(parameters));
const team = { __rl: true, mode: 'id', value: '7' };
const charger = { __rl: true, mode: 'id', value: '9' };
const DOWNLOAD = { resource: 'legacyChargeRecord', operation: 'download', options: { pageSize: 2 } };

describe('a CSV download', () => {
	const pages = (...texts: string[]): Answer => {
		let page = 0;
		return () => ({ type: 'text/csv', text: texts[Math.min(page++, texts.length - 1)] });
	};

	test('whose columns change from page to page is refused, since its cells would move', async () => {
		answer = pages('id,name\n1,a\n2,b\n', 'id,extra,name\n2,x,b\n3,y,c\n');
		const { message } = await failureOf(spirii(DOWNLOAD));
		expect(message).toBe(
			'The columns of the CSV change from one page to the next, so the pages do not fit together',
		);
	});

	test('that is a sentence instead of a file is refused, with the sentence', async () => {
		answer = () => ({ type: 'text/plain', text: 'Report is being generated, try later' });
		const { message, description } = await failureOf(spirii(DOWNLOAD));
		expect(message).toBe('The API responded with something other than the documented CSV');
		expect(description).toContain('Report is being generated');
	});

	test('labelled as plain text is taken when its header names the id', async () => {
		answer = () => ({ type: 'text/plain', text: 'name;id\na;1\n' });
		const { items } = await spirii({ ...DOWNLOAD, options: {} });
		expect((await binaryOf(items[0])).toString()).toBe('name;id\na;1\n');
	});
});

describe('Get Page', () => {
	test.each(['nextPageCursor', 'previousPageCursor'])(
		'with a %s that leads back to itself is refused',
		async (name) => {
			answer = () => ({ data: [], [name]: 'abc' });
			const { message } = await failureOf(spirii({ operation: 'getPage', [name]: 'abc' }));
			expect(message).toContain('the page cursor "abc" a second time');
		},
	);
});

describe('Get', () => {
	test.each([{ message: 'maintenance' }, {}])(
		'of %j with status 200 is refused: it is no record',
		async (body) => {
			answer = () => body;
			const { message } = await failureOf(spirii({ operation: 'get', id: '1' }));
			expect(message).toBe('The API responded with something other than the documented JSON');
		},
	);
});

describe('Get Many of legacy charge records', () => {
	test('of which the API claims more than it gives is refused, with both numbers', async () => {
		answer = ({ searchParams }) => ({
			data: [{ id: 1 }, { id: 2 }, { id: 3 }].slice(Number(searchParams.get('offset'))),
			totalElements: 818,
		});
		const { message } = await failureOf(
			spirii({ resource: 'legacyChargeRecord', operation: 'getAll', returnAll: true }),
		);
		expect(message).toBe('The API says that the list holds 818 records, but gives only 3');
	});
});

describe('Get Many of v2', () => {
	test('gives a record that comes again once, in its newer form', async () => {
		answer = ({ searchParams }) =>
			searchParams.has('nextPageCursor')
				? { data: [{ transactionId: 3 }, { transactionId: 1, consumed: 11 }] }
				: { data: [{ transactionId: 1, consumed: 10 }, { transactionId: 2 }], nextPageCursor: 'x' };
		const { items } = await spirii({ returnAll: true });
		expect(items.map(({ json }) => json)).toEqual([
			{ transactionId: 1, consumed: 11 },
			{ transactionId: 2 },
			{ transactionId: 3 },
		]);
	});

	test('keeps all records that have no id', async () => {
		answer = () => ({ data: [{ consumed: 1 }, { consumed: 1 }, { transactionId: null }] });
		expect((await spirii({ returnAll: true, options: { fields: ['consumed'] } })).items).toHaveLength(3);
	});
});

describe('Volt Time', () => {
	const getAll = { teamId: team, chargerId: charger, returnAll: true };

	test('transactions without an id are not taken for one when a list is read in windows', async () => {
		const rows = Array.from({ length: 5 }, (_, index) => ({
			id: null,
			started_at: `2026-01-0${index + 1}T00:00:00.000000Z`,
		}));
		answer = ({ searchParams }) => {
			const [from, to] = ['date_from', 'date_to'].map((name) => Date.parse(`${searchParams.get(name)}Z`));
			const data = rows.filter(
				({ started_at: time }) => Number.isNaN(from) || (Date.parse(time) >= from && Date.parse(time) <= to),
			);
			return { data: data.slice(0, Number(searchParams.get('limit'))) };
		};
		const { items } = await voltTime({ ...getAll, options: { pageSize: 3 } });
		expect(items.map(({ json }) => json.started_at)).toEqual(rows.map(({ started_at: time }) => time));
	});

	test('times without an offset are read as UTC, whatever the time zone of the machine', async () => {
		answer = () => ({ data: [{ id: 1, started_at: '2026-01-30 23:59:30' }] });
		const filters = { dateFrom: '2026-01-30T23:59:00Z', dateTo: '2026-01-31T00:00:00Z' };
		const { items, hints } = await voltTime({ ...getAll, filters });
		expect([items.length, hints]).toEqual([1, []]);
	});

	test('a charger that stands on two pages is read once', async () => {
		answer = ({ pathname, searchParams }) => {
			if (pathname.endsWith('/transactions'))
				return { data: [{ id: Number(pathname.split('/').at(-2)) * 10 }] };
			return searchParams.get('page') === '2'
				? { data: [{ id: 11 }, { id: 12 }] }
				: { data: [{ id: 11 }], links: { next: 'page 2' } };
		};
		const { items } = await voltTime({ ...getAll, chargerScope: 'all' });
		expect(items.map(({ json }) => json.id)).toEqual([110, 120]);
	});

	test('a charger without an id is refused before its transactions are asked for', async () => {
		answer = () => ({ data: [{ identity: 'nameless' }] });
		await failureOf(voltTime({ ...getAll, chargerScope: 'all' }));
		expect(asked).toEqual(['/api/v2/teams/7/chargers']);
	});

	test('chargers are found for a team that an expression gives as a number', async () => {
		answer = () => ({ data: [{ id: 11, identity: 'EV-11' }] });
		const run = voltTimeRun({ teamId: { __rl: true, mode: 'id', value: '={{ 1107 }}' } });
		expect((await searchList(run, 'searchChargers')).results).toEqual([{ name: 'EV-11 (11)', value: '11' }]);
		expect(asked).toEqual(['/api/v2/teams/1107/chargers']);
	});
});

describe('an expression', () => {
	test('that gives nothing for a filter ends the item: without the filter everything would come', async () => {
		answer = () => ({ data: [] });
		for (const parameters of [
			{ resource: 'transaction', filters: { idTagUid: '={{ $json.missing }}' } },
			{ resource: 'transaction', filters: { idTagUid: '={{ "" }}' } },
			{ filters: { filterJson: '={{ $json.missing }}' } },
			{ filters: { filterConditions: '={{ $json.missing }}' } },
			{ filters: { filterConditions: {} } },
		]) {
			const { message } = await failureOf(spirii({ operation: 'getAll', ...parameters }));
			expect(message).toMatch(/must give a value|at least one condition/);
		}
		expect(asked).toEqual([]);
	});

	test.each(['={{ "false" }}', '={{ 0 }}'])('%s for Return All keeps the limit', async (off) => {
		answer = ({ searchParams }) => ({
			data: Array.from({ length: Number(searchParams.get('limit')) }, (_, index) => ({
				transactionId: index,
			})),
		});
		expect((await spirii({ returnAll: off, limit: 5 })).items).toHaveLength(5);
	});

	test('that gives a list as JSON text picks its fields', async () => {
		answer = () => ({ data: [] });
		await spirii({ options: { fields: '["price","auth"]' } });
		expect(asked[0]).toContain('fields=price&fields=auth');
	});
});

test('what was pasted into the base URL by mistake is not shown', async () => {
	for (const pasted of [
		's3cret-key-of-mine',
		'http://user:s3cret@example.com',
		'http://example.com/?key=s3cret',
	]) {
		const run = runNode({
			node: new Spirii(),
			parameters: {},
			credentials: { spiriiApi: { apiKey: 'key', environment: 'custom', baseUrl: pasted } },
		});
		expect((await failureOf(run)).everything).not.toContain('s3cret');
	}
});
