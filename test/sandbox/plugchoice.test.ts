import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import addFormats from 'ajv-formats';
import Ajv2020 from 'ajv/dist/2020';
import { load } from 'js-yaml';

import { startSandbox, type Sandbox, type VoltTimeSwitches } from '../../sandbox';
import { call, type Json } from './client';

let sandbox: Sandbox;
let team: string;
let site: string;
let charger: string;
let chargerId: number;
beforeAll(async () => {
	sandbox = await startSandbox({ transactionsPerCharger: 30 });
	const { data } = sandbox.voltTime;
	[{ uuid: team }] = data.teams;
	[{ uuid: site }] = data.sites;
	[{ uuid: charger, id: chargerId }] = data.chargers(data.teams[0].id);
});
afterAll(() => sandbox.close());
afterEach(() => sandbox.voltTime.reset());

const V3 = '/api/v3';
const ask = (path: string, query: Record<string, unknown> | string = {}) =>
	call(sandbox.voltTime, `${V3}${path}`, { query });
const set = (switches: Partial<VoltTimeSwitches>) => Object.assign(sandbox.voltTime.switches, switches);
const ids = ({ data }: Json) => data.map(({ id }) => id);
const teamList = () => `/teams/${team}/transactions`;
const siteList = () => `/sites/${site}/transactions`;
const chargerList = () => `/chargers/${charger}/transactions`;

/** Follows the next address of any form to the end. */
async function follow(path: string, query: Record<string, unknown> = {}, betweenPages = () => {}) {
	const pages: Json[] = [];
	let at: { path: string; query: Record<string, unknown> | string } | undefined = { path, query };
	while (at) {
		const { status, json, text } = await ask(at.path, at.query);
		if (status !== 200) throw new Error(`${status}: ${text}`);
		pages.push(json);
		if (pages.length > 200) throw new Error('The list does not end');
		const links = json.links as { next: string | null } | undefined;
		const next = links ? links.next : (json.next_page_url as string | null | undefined);
		const url = next ? new URL(next) : undefined;
		at = url && { path: url.pathname.slice(V3.length), query: url.search.slice(1) };
		if (at) betweenPages();
	}
	return pages;
}

describe('every answer of V3 is as documented', () => {
	const text = readFileSync(join(__dirname, '../../sandbox/contract/volttime.openapi.yaml'), 'utf8');
	interface Document {
		paths: Record<string, { get?: { responses: Record<string, unknown> } }>;
		components: { schemas: object };
	}
	const document = load(text) as Document;
	/** Closes objects: a property that the contract does not know is an error. The parts of an `allOf` are closed together. */
	const close = (schema: unknown, isPart = false): void => {
		if (typeof schema !== 'object' || schema === null) return;
		const given = schema as Record<string, unknown>;
		const isObject = '$ref' in given || 'allOf' in given || 'properties' in given;
		const isOpen = isPart || 'additionalProperties' in given || given.in !== undefined;
		Object.entries(given).forEach(([name, value]) => {
			if (name === 'allOf') (value as unknown[]).forEach((part) => close(part, true));
			else if (name === 'properties') Object.values(value as object).forEach((one) => close(one));
			else close(value);
		});
		if (isObject && !isOpen) given.unevaluatedProperties = false;
	};
	const ajv = addFormats(new Ajv2020({ allErrors: true, strict: false }));
	ajv.addSchema(document, 'contract:');
	close(document.paths);
	// These are closed where they are referred to.
	for (const schema of Object.values(document.components.schemas)) close(schema, true);
	const v3 = Object.keys(document.paths).filter((path) => path.startsWith(V3));
	/** The problems of an answer by the schema of the path and status. */
	const problems = (path: string, status: number, body: unknown) => {
		const at = `contract:#/paths/${path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}`;
		const answer = document.paths[path].get!.responses[String(status)] as { $ref?: string } | undefined;
		if (!answer) return [`${status} is not documented`];
		const root = answer.$ref ? `contract:${answer.$ref}` : `${at}/get/responses/${status}`;
		const validate = ajv.compile({ $ref: `${root}/content/application~1json/schema` });
		return validate(body) ? [] : validate.errors;
	};
	const fill = (path: string) =>
		path.replace('{team_uuid}', team).replace('{site_uuid}', site).replace('{charger_uuid}', charger);

	it.each(v3)('%s', async (path) => {
		const right = await call(sandbox.voltTime, fill(path));
		expect([right.status, problems(path, right.status, right.json)]).toEqual([200, []]);
		const wrongKey = await call(sandbox.voltTime, fill(path), { headers: { authorization: 'Bearer no' } });
		expect([wrongKey.status, problems(path, 401, wrongKey.json)]).toEqual([401, []]);
		sandbox.voltTime.faults.push({ kind: 'status', status: 500 });
		const broken = await call(sandbox.voltTime, fill(path));
		expect([broken.status, problems(path, 500, broken.json)]).toEqual([500, []]);
		set({ rateLimit: 0 });
		const refused = await call(sandbox.voltTime, fill(path));
		expect([refused.status, problems(path, 429, refused.json)]).toEqual([429, []]);
		expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
		expect(refused.headers['x-ratelimit-remaining']).toBe('0');
	});

	const withId = v3.filter((path) => path.includes('{'));
	it.each(withId)('%s is a 404 for a number of V2, another UUID, and a text that is none', async (path) => {
		for (const id of ['1107', String(chargerId), '00000000-0000-4000-a000-000000000000', 'none']) {
			const { status, json } = await call(sandbox.voltTime, path.replace(/\{\w+\}/, id));
			expect([id, status, problems(path, status, json)]).toEqual([id, 404, []]);
		}
	});

	it.each(v3)('%s refuses a parameter that no page has', async (path) => {
		const unknown = await call(sandbox.voltTime, fill(path), { query: { per_page: 100 } });
		expect([unknown.status, Object.keys(unknown.json.errors)]).toEqual([422, ['per_page']]);
	});
});

describe('strictness of V3', () => {
	it.each([
		['limit', 0],
		['limit', 10001],
		['limit', 'many'],
		['filter[status]', 'running'],
		['filter[started_from]', 'yesterday'],
		['filter[started_from]', '2026-02-30'],
		['filter[started_from]', '2026-06-01T10:00:00Z'],
		['filter[stopped_until]', '01-06-2026'],
	])('%s=%s is a 422 that names the field', async (name, value) => {
		const { status, json } = await ask(siteList(), { [name]: value });
		expect([status, Object.keys(json.errors)]).toEqual([422, [name]]);
	});

	it('an end before the start is a 422', async () => {
		const query = { 'filter[started_from]': '2026-06-02', 'filter[stopped_until]': '2026-06-01' };
		const { status, json } = await ask(chargerList(), query);
		expect([status, Object.keys(json.errors)]).toEqual([422, ['filter[stopped_until]']]);
		expect((await ask(chargerList(), { ...query, 'filter[stopped_until]': '2026-06-02' })).status).toBe(200);
	});

	it('a sort that no page has is a 400, and so is a date filter on the list of a team', async () => {
		expect((await ask(teamList(), { sort: 'id' })).status).toBe(400);
		expect((await ask(teamList(), { 'filter[started_from]': '2026-06-01' })).status).toBe(400);
	});

	it('a wrong page is a 422', async () => {
		for (const page of ['0', 'two']) expect((await ask(teamList(), { page })).status).toBe(422);
	});
});

describe('both versions hold the same', () => {
	const inV2 = async () => {
		const path = `/api/v2/teams/${sandbox.voltTime.data.teams[0].id}/chargers/${chargerId}/transactions`;
		return (await call(sandbox.voltTime, path)).json;
	};

	it('sessions of a charger, of its site and of its team: the same ids, meters and times', async () => {
		const { data } = await inV2();
		const known = new Map(data.map((row) => [row.id, row]));
		const lists = [
			await follow(chargerList(), { limit: 10000 }),
			await follow(siteList(), { limit: 10000 }),
			await follow(teamList(), {}),
		];
		for (const list of lists) {
			const found = list
				.flatMap((page) => page.data)
				.filter((row) => (row.charger as { uuid: string }).uuid === charger);
			expect(found.map(({ id }) => id).sort()).toEqual([...known.keys()].sort());
			for (const row of found) {
				for (const field of ['meter_start', 'meter_stop', 'started_at', 'stopped_at', 'id_tag']) {
					expect(row[field]).toEqual(known.get(row.id)![field]);
				}
			}
		}
	});

	it('sites hold every charger once', () => {
		const { data } = sandbox.voltTime;
		const held = data.sites.flatMap(({ chargerIds }) => chargerIds);
		expect(held.sort()).toEqual(
			data
				.allChargers()
				.map(({ id }) => id)
				.sort(),
		);
	});

	it('sameIds: V3 has other ids for all of them, or the same', async () => {
		const v2 = ids(await inV2());
		set({ sameIds: false });
		const other = ids((await ask(chargerList(), { limit: 10000 })).json);
		expect(other).toHaveLength(v2.length);
		expect(other.filter((id) => v2.includes(id))).toEqual([]);
	});

	it('v2: answers, is gone, is missing or has moved; V3 answers all the while', async () => {
		const statuses = [];
		for (const v2 of ['answers', 'gone410', 'missing404', 'moved301'] as const) {
			set({ v2, v2MovedTo: 'https://elsewhere.example' });
			const { status, headers } = await call(sandbox.voltTime, '/api/v2/user');
			statuses.push([status, headers.location]);
			expect((await ask('/user')).status).toBe(200);
		}
		expect(statuses).toEqual([
			[200, undefined],
			[410, undefined],
			[404, undefined],
			[301, 'https://elsewhere.example/api/v2/user'],
		]);
	});

	it('v3: missing, while V2 answers', async () => {
		set({ v3: 'missing404' });
		expect((await ask('/user')).status).toBe(404);
		expect((await call(sandbox.voltTime, '/api/v2/user')).status).toBe(200);
	});

	it('tokens: for both, or for one of them', async () => {
		const statuses = [];
		for (const tokens of ['both', 'onlyV2', 'onlyV3'] as const) {
			set({ tokens });
			statuses.push([(await call(sandbox.voltTime, '/api/v2/user')).status, (await ask('/user')).status]);
		}
		expect(statuses).toEqual([
			[200, 200],
			[200, 401],
			[401, 200],
		]);
	});
});

describe('paging of V3', () => {
	const whole = () =>
		sandbox.voltTime.data
			.chargers(sandbox.voltTime.data.teams[0].id)
			.flatMap(({ id }) => sandbox.voltTime.data.ids(id))
			.sort((one, other) => one - other);
	const sorted = (pages: Json[]) => pages.flatMap(ids).sort((one, other) => one - other);

	it.each(['documented', 'links', 'flat', 'lengthAware', 'cursor'] as const)(
		'%s: every list is whole, 25 a page, in its form',
		async (blocks) => {
			set({ blocks });
			const pages = await follow(teamList(), { sort: '-stopped_at', 'filter[status]': 'finished' });
			expect(pages.length).toBeGreaterThan(30);
			expect(new Set(pages.slice(0, -1).map(({ data }) => data.length))).toEqual(new Set([25]));
			const running = await follow(teamList(), { 'filter[status]': 'active' });
			expect([...sorted([...pages, ...running])].sort((one, other) => one - other)).toEqual(whole());
			const [first] = pages;
			const form = { documented: 'flat', links: 'links', flat: 'flat', lengthAware: 'links', cursor: 'flat' };
			expect([blocks, 'next_page_url' in first]).toEqual([blocks, form[blocks] === 'flat']);
			const next = String(
				form[blocks] === 'flat' ? first.next_page_url : (first.links as { next: string }).next,
			);
			expect(next).toContain(blocks === 'cursor' ? 'cursor=' : 'page=2');
			expect(next).toContain('sort=-stopped_at');
			if (blocks === 'lengthAware') {
				const { meta } = first as unknown as { meta: { total: number; last_page: number } };
				expect([meta.last_page, meta.total]).toEqual([pages.length, pages.flatMap(ids).length]);
			}
			expect((await follow('/chargers')).flatMap(({ data }) => data)).toHaveLength(37);
		},
	);

	it('none: a list has no block; other lists than those of sessions are whole', async () => {
		set({ blocks: 'none' });
		expect((await ask(chargerList(), { limit: 7 })).json).toEqual({ data: expect.any(Array) });
		expect((await ask(chargerList(), { limit: 7 })).json.data).toHaveLength(7);
		expect((await ask('/chargers')).json.data).toHaveLength(37);
	});

	it('limitMeans: the most in all, or the size of a page', async () => {
		const cap = await follow(chargerList(), { limit: 8 });
		expect(cap.map(({ data }) => data.length)).toEqual([8]);
		set({ limitMeans: 'pageSize' });
		const pages = await follow(chargerList(), { limit: 8 });
		expect(pages.map(({ data }) => data.length)).toEqual([8, 8, 8, 6]);
		expect(new Set(pages.flatMap(ids)).size).toBe(30);
	});

	it('a session that comes in at the head repeats one by page, and none by cursor, and hides none', async () => {
		for (const blocks of ['documented', 'cursor'] as const) {
			sandbox.voltTime.reset();
			set({ blocks });
			let isNew = true;
			const found = (
				await follow(teamList(), {}, () => {
					if (isNew) sandbox.voltTime.data.add(chargerId, { started_at: '2026-06-30T11:59:59.000000Z' });
					isNew = false;
				})
			).flatMap(ids);
			const old = whole().slice(0);
			const missing = old.filter((id) => !found.includes(id));
			expect(missing).toHaveLength(1);
			expect([blocks, found.length - new Set(found).size]).toEqual([blocks, blocks === 'cursor' ? 0 : 1]);
		}
	});

	it('a cursor goes on behind a session that left the list', async () => {
		set({ blocks: 'cursor' });
		const first = (await ask(teamList())).json;
		const all = (await follow(teamList())).flatMap(ids);
		sandbox.voltTime.data.remove(first.data[24].id);
		const url = new URL(String(first.next_page_url));
		const second = (await ask(teamList(), url.search.slice(1))).json;
		expect(ids(second)).toEqual(all.slice(25, 50));
	});

	it('v3Order: sessions of a charger by start, down or up', async () => {
		const down = ids((await ask(chargerList(), { limit: 100 })).json);
		set({ v3Order: 'asc' });
		expect(ids((await ask(chargerList(), { limit: 100 })).json)).toEqual([...down].reverse());
	});
});

describe('dates of V3', () => {
	/** A session at charger 1 between two moments, and the query of a day. */
	const find = async (started_at: string, stopped_at: string | null, query: Record<string, unknown>) => {
		const { id } = sandbox.voltTime.data.add(chargerId, { started_at, stopped_at });
		const { status, json } = await ask(chargerList(), { limit: 10000, ...query });
		sandbox.voltTime.data.remove(id);
		return status === 200 ? ids(json).includes(id) : status;
	};
	const until = { 'filter[stopped_until]': '2026-06-10' };
	const from = { 'filter[started_from]': '2026-06-10' };

	it('stoppedUntil: the day is whole, or begins only', async () => {
		const found = () => find('2026-06-10T08:00:00.000000Z', '2026-06-10T09:00:00.000000Z', until);
		expect(await found()).toBe(true);
		set({ stoppedUntil: 'startOfDay' });
		expect(await found()).toBe(false);
	});

	it('untilHidesRunning: a session that runs is left out, or not', async () => {
		const found = () => find('2026-06-09T08:00:00.000000Z', null, until);
		expect(await found()).toBe(false);
		set({ untilHidesRunning: false });
		expect(await found()).toBe(true);
	});

	it('zone: a day begins at midnight in UTC, or in Amsterdam two hours before', async () => {
		const found = () => find('2026-06-09T22:30:00.000000Z', '2026-06-10T09:00:00.000000Z', from);
		expect(await found()).toBe(false);
		set({ zone: 'Amsterdam' });
		expect(await found()).toBe(true);
	});

	it('datePrecision: a time is refused, cut off or read', async () => {
		const query = { 'filter[started_from]': '2026-06-10T12:00:00Z' };
		const found = () => find('2026-06-10T08:00:00.000000Z', '2026-06-10T09:00:00.000000Z', query);
		expect(await found()).toBe(422);
		set({ datePrecision: 'cutOff' });
		expect(await found()).toBe(true);
		set({ datePrecision: 'time' });
		expect(await found()).toBe(false);
	});
});

describe('fields of V3', () => {
	it('kwh: whole, with two places, as a number, or missing', async () => {
		sandbox.voltTime.data.update(sandbox.voltTime.data.ids(chargerId)[0], {
			...{ meter_start: 29_317, meter_stop: 37_253 },
		});
		sandbox.voltTime.switches.v3Order = 'asc';
		const seen = [];
		for (const kwh of ['floor', 'exact', 'number', 'absent'] as const) {
			set({ kwh });
			seen.push((await ask(chargerList())).json.data[0].total_kwh);
		}
		expect(seen).toEqual(['7.00', '7.94', 7.94, undefined]);
	});

	it('isValid: missing, or false for some', async () => {
		const values = async () =>
			new Set((await ask(chargerList(), { limit: 100 })).json.data.map((row) => row.is_valid));
		expect(await values()).toEqual(new Set([undefined]));
		set({ isValid: 'someFalse' });
		expect(await values()).toEqual(new Set([true, false]));
	});

	it('envelope: single objects in data, or bare', async () => {
		expect((await ask(`/chargers/${charger}`)).json.data).toMatchObject({ uuid: charger });
		set({ envelope: 'bare', blocks: 'none' });
		expect((await ask(`/chargers/${charger}`)).json).toMatchObject({ uuid: charger });
		expect((await ask('/teams')).json).toHaveLength(3);
		expect((await ask(chargerList(), { limit: 5 })).json).toHaveLength(5);
	});

	it('searchName: the name by which the lists of a team are searched; the other one is unknown', async () => {
		const [{ identity }] = sandbox.voltTime.data.chargers(sandbox.voltTime.data.teams[0].id);
		const names = ['filter[search]', 'search'] as const;
		for (const searchName of names) {
			set({ searchName });
			const other = names.find((name) => name !== searchName)!;
			const { data } = (await ask(teamList(), { [searchName]: identity })).json;
			expect(new Set(data.map((row) => (row.charger as { uuid: string }).uuid))).toEqual(new Set([charger]));
			expect((await ask(`/teams/${team}/chargers`, { [searchName]: identity })).json.data).toHaveLength(1);
			expect((await ask(`/teams/${team}/sites`, { [searchName]: 'sport' })).json.data).toHaveLength(1);
			expect([400, 422]).toContain((await ask(teamList(), { [other]: identity })).status);
		}
	});

	it('unknownFilter: refused, or ignored', async () => {
		const query = { 'filter[nope]': 1 };
		expect((await ask(teamList(), query)).status).toBe(400);
		set({ unknownFilter: 'ignored' });
		expect((await ask(teamList(), query)).json).toMatchObject({ data: expect.any(Array) });
	});
});

describe('other data', () => {
	it('the printed session of a charger has the printed energy: 7.94 kWh in V2, 7.00 in V3', async () => {
		const printed = await startSandbox({ documented: true });
		const { uuid } = printed.voltTime.data.charger(25)!;
		const read = async (path: string) => (await call(printed.voltTime, path)).json.data;
		const inV2 = await read('/api/v2/teams/11/chargers/25/transactions');
		const inV3 = await read(`${V3}/chargers/${uuid}/transactions`);
		const energies = (rows: Json['data']) =>
			Object.fromEntries(rows.map(({ id, total_kwh }) => [id, total_kwh]));
		expect(energies(inV2)).toMatchObject({ 3: '7.94' });
		expect(energies(inV3)).toMatchObject({ 3: '7.00' });
		expect(Object.keys(energies(inV3))).toEqual(Object.keys(energies(inV2)));
		await printed.close();
	});

	it('a team can have a thousand chargers, all at its sites', async () => {
		const large = await startSandbox({ firstTeamChargers: 1000, transactionsPerCharger: 1 });
		const { data } = large.voltTime;
		expect(data.chargers(data.teams[0].id)).toHaveLength(1000);
		expect(data.sites.map(({ chargerIds }) => chargerIds.length)).toEqual([20, 8, 972, 4, 1]);
		const { json } = await call(large.voltTime, `${V3}/teams/${data.teams[0].uuid}/transactions`, {
			query: { page: 40 },
		});
		expect([json.data.length, json.next_page_url]).toEqual([25, null]);
		await large.close();
	});
});

describe('access that ends', () => {
	const counted = async (uuid = charger) =>
		(await follow(teamList()))
			.flatMap(({ data }) => data)
			.filter((row) => (row.charger as { uuid: string }).uuid === uuid).length;

	it('the list of the team shrinks, the charger says so, and its own list is a 403 or empty', async () => {
		expect(await counted()).toBe(30);
		sandbox.voltTime.data.endAccess(chargerId);
		expect(await counted()).toBe(0);
		const permissions = (await ask('/chargers')).json.data[0].permissions;
		expect(permissions).toEqual({ basic: true, sensitive: false, full: false });
		expect((await ask(`/chargers/${charger}`)).json.data).not.toHaveProperty('pincode');
		const { status, json } = await ask(chargerList());
		expect([status, json.message]).toEqual([403, 'This action is unauthorized.']);
		set({ whenAccessEnded: 'empty' });
		expect((await ask(chargerList())).json.data).toEqual([]);
		sandbox.voltTime.data.giveAccess(chargerId);
		expect(await counted()).toBe(30);
	});

	it('a site without access is a 403, or its list is empty', async () => {
		sandbox.voltTime.data.endSiteAccess(sandbox.voltTime.data.sites[0].id);
		expect((await ask(siteList())).status).toBe(403);
		expect(await counted()).toBe(0);
		set({ whenAccessEnded: 'empty' });
		expect((await ask(siteList())).json.data).toEqual([]);
		sandbox.voltTime.reset();
		expect((await ask(siteList())).status).toBe(200);
	});
});

describe('faults of V3', () => {
	it('nextHost: the next address has another origin', async () => {
		for (const blocks of ['links', 'flat', 'cursor'] as const) {
			set({ blocks });
			sandbox.voltTime.faults.push({ kind: 'nextHost', host: 'https://elsewhere.example' });
			const { json } = await ask(teamList());
			const next = (json.links as { next: string } | undefined)?.next ?? json.next_page_url;
			expect(new URL(String(next)).origin).toBe('https://elsewhere.example');
		}
	});

	it('repeatedCursor: the next address of a page is its own', async () => {
		for (const blocks of ['links', 'flat', 'cursor'] as const) {
			set({ blocks });
			const first = (await ask(teamList())).json;
			const query = new URL(
				String((first.links as { next: string } | undefined)?.next ?? first.next_page_url),
			).search.slice(1);
			sandbox.voltTime.faults.push({ kind: 'repeatedCursor' });
			const { json } = await ask(teamList(), query);
			const next = (json.links as { next: string } | undefined)?.next ?? json.next_page_url;
			expect(new URL(String(next)).search.slice(1)).toBe(query);
		}
	});

	it('emptyPage and shortPage: the next address goes on all the same', async () => {
		for (const [kind, size] of [
			['emptyPage', 0],
			['shortPage', 13],
		] as const) {
			sandbox.voltTime.faults.push({ kind });
			const { json } = await ask(teamList());
			expect([json.data.length, json.next_page_url]).toEqual([size, expect.stringContaining('page=2')]);
		}
	});

	it('lostAfter and truncatedJson: no answer, and half of one', async () => {
		sandbox.voltTime.faults.push({ kind: 'lostAfter' }, { kind: 'truncatedJson' });
		await expect(ask(teamList())).rejects.toThrow();
		expect((await ask(teamList())).json).toBeUndefined();
	});
});
