import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { columnNames } from '../../nodes/shared/session/columns';
import {
	startSandbox,
	type Charger,
	type Sandbox,
	type Session,
	type SessionPatch,
	type VoltTimeTransaction,
} from '../../sandbox';
import { OWN_COMPANY, SITES } from '../../sandbox/spirii/places';
import { withStandIns, type Credential } from '../../sandbox/standIns';
import { parseCsv } from '../support/csv';
import { startOutside, type Outside } from './outside';
import { dataOf, EXAMPLES, PROJECT, startRealN8n, type RealN8n } from './realN8n';
import { missingServices, startServices, type Services } from './services';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** "Last month" is June 2026 and "yesterday" 14 July, whatever the day of the test: the clock of n8n is that far ahead or behind. */
const CLOCK_SHIFT_MS = Date.parse('2026-07-15T12:00:00Z') - Date.now();
const nowMs = () => Date.now() + CLOCK_SHIFT_MS;
const SHIFTED_CLOCK = {
	NODE_OPTIONS: `--require "${join(__dirname, 'shiftedClock.cjs')}"`,
	CLOCK_SHIFT_MS: String(CLOCK_SHIFT_MS),
};
const YESTERDAY = '2026-07-14';

/** The versions of n8n that the examples are run in, and their lines. */
const VERSIONS: Array<[string, 2 | 1]> = [
	['2.41.1', 2],
	['1.123.81', 1],
];

interface Node {
	name: string;
	type: string;
	typeVersion: number;
	parameters: Record<string, unknown>;
	credentials?: Record<string, { id: string; name: string }>;
}

interface Workflow {
	id: string;
	name: string;
	active: boolean;
	nodes: Node[];
}

type Item = Record<string, unknown>;

const FILES = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));
const textOf = (file: string) => readFileSync(join(EXAMPLES, file), 'utf8');
const workflowIn = (file: string) => JSON.parse(textOf(file)) as Workflow;
const noteOf = ({ nodes }: Workflow) =>
	String(nodes.find(({ type }) => type === 'n8n-nodes-base.stickyNote')?.parameters.content);
const isOurs = ({ type }: Node) => type.startsWith('n8n-nodes-ev-charging.');

describe('the files of the example workflows', () => {
	test('each has an id of its own, short enough for n8n to keep what a trigger knows', () => {
		const ids = FILES.map((file) => workflowIn(file).id);
		expect(new Set(ids).size).toBe(FILES.length);
		expect(FILES.length).toBeGreaterThan(9);
		for (const id of ids) expect(id).toMatch(/^[A-Za-z]{1,21}$/);
	});

	test.each(FILES)('%s is off, explains itself, and names no place on a machine', (file) => {
		const { active, nodes } = workflowIn(file);
		expect(active).toBe(false);
		expect(nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote')).toHaveLength(1);
		const note = noteOf(workflowIn(file));
		expect(note.length).toBeGreaterThan(300);
		const named = Array.from(note.matchAll(/\b[Ii]n \*\*([^*]+)\*\*/g), ([, name]) => name);
		expect(nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(named));
		expect(textOf(file)).not.toMatch(/"\/(home|root|tmp|work|Users)|127\.0\.0\.1|localhost/);
	});

	test('each page that a note names can be opened from an installed package, and has the passage', () => {
		const { repository } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
			repository: { url: string };
		};
		const pages = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/`;
		let count = 0;
		for (const file of FILES) {
			const note = noteOf(workflowIn(file));
			expect([file, note.match(/(?<!\/blob\/main\/)\bdocs\/|\blist of columns\b(?!\]\()/g)]).toEqual([
				file,
				null,
			]);
			for (const [, address] of note.matchAll(/\]\(([^)]+)\)/g)) {
				expect(address.slice(0, pages.length)).toBe(pages);
				const [page, passage] = address.slice(pages.length).split('#');
				const heads = readFileSync(join(PROJECT, page), 'utf8').matchAll(/^#+ (.+)$/gm);
				const passages = Array.from(heads, ([, head]) => head.toLowerCase().replace(/\W+/g, '-'));
				if (passage !== undefined) expect(passages).toContain(passage);
				count++;
			}
		}
		expect(count).toBeGreaterThan(1);
	});

	test.each(FILES)('%s names the credentials of the vendors, and none of another service', (file) => {
		const expected: Record<string, object> = {
			spiriiApi: { id: 'exampleSpirii', name: 'Spirii' },
			voltTimeApi: { id: 'exampleVoltTime', name: 'Volt Time' },
		};
		for (const node of workflowIn(file).nodes) {
			const credentials = Object.entries(node.credentials ?? {});
			for (const [type, credential] of credentials) expect(credential).toEqual(expected[type]);
			expect(credentials).toHaveLength(isOurs(node) && !node.type.endsWith('.evCharging') ? 1 : 0);
		}
	});

	test.each(FILES)(
		'%s has no fixed date, no code, and no VAT rate or currency of the vendor made up',
		(file) => {
			const nodes = workflowIn(file).nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
			expect(nodes.map(({ type }) => type)).not.toContain('n8n-nodes-base.code');
			for (const { parameters } of nodes) {
				const text = JSON.stringify(parameters);
				expect(text).not.toMatch(/\b(19|20)\d\d-\d\d(-\d\d)?\b/);
				expect(text).not.toMatch(/=>|\bfunction\b|\breturn\b|\$getWorkflowStaticData/);
				expect(text).not.toMatch(/vatRate"|priceVatRate"|"sessionSettings":\{"/);
			}
		},
	);

	test.each(FILES.filter((file) => /\bmonthly\b/i.test(workflowIn(file).name)))(
		'%s is called monthly, and runs on the first of each month',
		(file) => {
			const [trigger] = workflowIn(file).nodes.filter(
				({ type }) => type === 'n8n-nodes-base.scheduleTrigger',
			);
			expect(trigger?.parameters).toMatchObject({
				rule: { interval: [{ field: 'months', triggerAtDayOfMonth: 1, triggerAtHour: 6 }] },
			});
		},
	);

	test.each(FILES)('%s with a schedule reads a period that moves along', (file) => {
		const { nodes } = workflowIn(file);
		const reading = nodes.filter(({ parameters: { resource, operation } }) =>
			['chargeRecord', 'transaction'].includes(String(resource)) ? operation === 'getAll' : false,
		);
		const isScheduled = nodes.some(({ type }) => type === 'n8n-nodes-base.scheduleTrigger');
		for (const { parameters } of reading.filter(() => isScheduled)) {
			const isRunning = (parameters.filters as Item).ongoing === true;
			expect(isRunning || ['lastMonth', 'yesterday'].includes(String(parameters.period))).toBe(true);
		}
	});

	test('a file that a person gets by e-mail has columns with names to read, each of them a field', () => {
		const byEMail = FILES.map(workflowIn).filter(({ nodes }) =>
			nodes.some(({ type }) => type === 'n8n-nodes-base.emailSend'),
		);
		expect(byEMail.length).toBeGreaterThan(1);
		for (const { nodes } of byEMail) {
			const columns = nodes.find(({ name }) => name === 'Columns')?.parameters ?? {};
			const { assignments } = columns.assignments as { assignments: Array<{ name: string; value: string }> };
			// Otherwise n8n takes "excl. VAT" for a field in a field.
			expect(columns.options).toEqual({ dotNotation: false });
			expect(columns.includeOtherFields).toBeUndefined();
			expect(assignments.length).toBeGreaterThan(8);
			for (const { name, value } of assignments) {
				expect(name).toMatch(/^([A-Z][a-z]+|[A-Z]+)( |$)/);
				expect(value).toMatch(/^=\{\{ \$json\.\w+ \}\}$/);
			}
		}
	});

	test('each has one name: in the README, in its file, on the canvas and in the name of the file', () => {
		const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
		const [, table] = /\n## Examples\n([\s\S]*?)\n## /.exec(readme) as RegExpExecArray;
		const linked = Array.from(table.matchAll(/\[([^\]]+)\]\(examples\/([^)]+)\)/g), ([, name, file]) => [
			file,
			name,
		]);
		expect([...linked].sort()).toEqual(FILES.map((file) => [file, workflowIn(file).name]).sort());
		for (const file of FILES) {
			const { name } = workflowIn(file);
			expect(noteOf(workflowIn(file)).split('\n')[0]).toBe(`## ${name}`);
			const words: string[] = name.toLowerCase().match(/[a-z0-9]+/g) ?? [];
			let next = 0;
			const isNamed = file
				.replace('.json', '')
				.split('-')
				.every((word) => (next = words.indexOf(word, next) + 1) > 0);
			expect([file, isNamed]).toEqual([file, true]);
		}
	});
});

/**
 * The workflow as it is in its file, with the credentials that a person chooses, but for what would make a test wait: triggers look
 * every 10 seconds in place of every 10 minutes or once a night, and the schedules of the two alerts are every 5 seconds.
 */
function hurried(shipped: Workflow): Workflow {
	const workflow = withStandIns(shipped);
	for (const { name, type, parameters } of workflow.nodes) {
		if (type.endsWith('.spiriiTrigger')) {
			// n8n refuses every cron expression that says "every so many seconds".
			const seconds = [0, 10, 20, 30, 40, 50];
			const item = seconds.map((second) => ({ mode: 'custom', cronExpression: `${second} * * * * *` }));
			parameters.pollTimes = { item };
		}
		if (name === 'Every 30 minutes' || name === 'Every 10 minutes') {
			parameters.rule = { interval: [{ field: 'seconds', secondsInterval: 5 }] };
		}
	}
	return workflow;
}

const missing = missingServices();
if (missing) process.stdout.write(`The backfill into PostgreSQL is not run. ${missing}\n`);
const testWithDatabase = missing && !process.env.CI ? test.skip : test;

describe.each(VERSIONS)('the example workflows in n8n %s', (version, line) => {
	let sandbox: Sandbox;
	let outside: Outside;
	let database: Services | undefined;
	let n8n: RealN8n;

	beforeAll(async () => {
		// About two pages of charge records.
		sandbox = await startSandbox({ records: 1900, transactionsPerCharger: 3 });
		outside = await startOutside();
		if (!missing) database = await startServices();
		n8n = await startRealN8n(sandbox, {
			line,
			pages: true,
			settings: { ...outside.settings, ...SHIFTED_CLOCK, N8N_LOG_LEVEL: 'debug' },
			credentials: outside.credentials.map((one) => (one.type === 'postgres' ? ofDatabase(one) : one)),
			workflows: FILES.map((file) => hurried(workflowIn(file))),
		});
	}, 5 * MINUTE);

	afterAll(async () => {
		await n8n?.stop();
		await outside?.close();
		await database?.stop();
		await sandbox?.close();
	}, MINUTE);

	/** For a PostgreSQL as people install it, in place of the stand-in. */
	function ofDatabase(credential: Credential): Credential {
		if (!database) return credential;
		const { DB_POSTGRESDB_PORT: port, DB_POSTGRESDB_USER: user } = database.settings;
		return { ...credential, data: { ...credential.data, port: Number(port), user, password: '' } };
	}

	/** Runs a workflow with its node "Start" to a good end. */
	async function run(id: string) {
		const { status, outputs, text } = await n8n.execute(id);
		if (status !== 'success') throw new Error(`${id} ended with ${status}: ${text.slice(-3000)}`);
		return { outputs, text };
	}

	/** Finished sessions in Spirii's charge records, with an end in that time. */
	const endedBetween = (from: string, to: string): Session[] =>
		sandbox.spirii.data
			.listed('chargeRecords')
			.map((id) => sandbox.spirii.data.get(id) as Session)
			.filter(({ endedAt }) => endedAt! >= Date.parse(from) && endedAt! < Date.parse(to));
	const endedInJune = () => endedBetween('2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z');

	/** Every finished session of every charger of every team of Volt Time, from its end on. */
	const voltTimeEnded = (from: string, to: string) => {
		const { data } = sandbox.voltTime;
		return data.teams
			.flatMap(({ id }) => data.chargers(id))
			.flatMap(({ id }) => [...data.transactions(id).records()])
			.filter(({ stopped_at: end }) => end !== null && end >= from && Date.parse(end) <= Date.parse(to));
	};

	/** What a charger of Volt Time asks of the public for a session. */
	const publicPriceOf = ({ charger_id: id, meter_start: start, meter_stop: stop }: VoltTimeTransaction) => {
		const { price_per_kwh: price, start_fee: fee, currency } = sandbox.voltTime.data.publicCharging(id);
		if (price === null) return { amount: 0, currency: '' };
		const cents = Math.round(((Number(stop) - Number(start)) * price) / 1000 + fee);
		return { amount: cents / 100, currency: String(currency).toUpperCase() };
	};

	test('this is that version, and it knows every node of the examples as they use it', async () => {
		const { versionCli } = dataOf<{ versionCli: string }>(await n8n.request('GET', '/rest/settings'));
		expect(versionCli).toBe(version);
		const types = (await n8n.request('GET', '/types/nodes.json')).json as Array<{
			name: string;
			version: number | number[];
		}>;
		const known = types.flatMap(({ name, version: versions }) =>
			[versions].flat().map((one) => `${name} ${one}`),
		);
		const used = FILES.flatMap((file) => workflowIn(file).nodes).map(
			({ type, typeVersion }) => `${type} ${typeVersion}`,
		);
		expect(known).toEqual(expect.arrayContaining(used));
	});

	test('Google Sheets: a row for each session of the month, found again by its key', async () => {
		const { sheet } = outside;
		const byKey = <T extends Item>(rows: T[]) => sorted(rows, 'sessionKey');
		const written = () =>
			byKey(
				sheet.records().map((row) => ({
					sessionKey: row.sessionKey,
					endedAt: Date.parse(String(row.endedAt)),
					energyKwh: row.energyKwh,
					amountExclVat: row.amountExclVat,
					amountInclVat: row.amountInclVat,
					currency: row.currency,
					locationName: row.locationName,
					tariffName: row.tariffName,
				})),
			);
		const expected = () =>
			byKey(
				endedInJune().map(({ id, endedAt, consumed, amount, amountExVat, site }) => ({
					sessionKey: `spirii:${id}`,
					endedAt,
					energyKwh: consumed,
					amountExclVat: amountExVat,
					amountInclVat: amount,
					currency: site.currency,
					locationName: site.name,
					tariffName: amount > 0 ? `${site.city} standard` : '',
				})),
			);

		await run('chargeRecordsToSheets');
		expect(written()).toEqual(expected());
		expect(written().length).toBeGreaterThan(50);

		// A column of the user's own.
		sheet.rows[0].push('checked');
		sheet.rows[5].push('yes');
		const before = structuredClone(sheet.rows);
		await run('chargeRecordsToSheets');
		expect(sheet.rows).toEqual(before);

		// A price that went away takes the name of the tariff along, and one session is new.
		const { id } = sandbox.spirii.data.get(Number(String(sheet.records()[7].sessionKey).slice(7))) as Session;
		sandbox.spirii.data.update(id, { amount: 0, amountExVat: 0, perKwh: 0 });
		const fresh = addEnded({ endedAt: '2026-06-20T10:00:00Z', startedAt: '2026-06-20T08:00:00Z' });
		await run('chargeRecordsToSheets');
		expect(written()).toEqual(expected());
		expect(sheet.rows).toHaveLength(before.length + 1);
		expect(written()).toContainEqual(
			expect.objectContaining({ sessionKey: `spirii:${id}`, amountInclVat: 0, tariffName: '' }),
		);
		expect(sheet.records().at(-1)).toMatchObject({ sessionKey: `spirii:${fresh}` });
		expect(sheet.records().filter(({ checked }) => checked === 'yes')).toHaveLength(1);
		sandbox.spirii.data.reset();
	});

	test('sessions per customer: one e-mail with a line for each customer, currency and VAT rate, to the cent', async () => {
		await run('sessionsPerCustomer');
		expect(outside.emails).toHaveLength(1);
		const [{ to, subject, text, attachments }] = outside.emails.splice(0);
		expect(to).toEqual([expect.objectContaining({ address: 'billing@example.com' })]);
		expect(subject).toMatch(/^Charging sessions per customer, \w+ \d{4}$/);
		expect(text).toMatch(/sessions that ended in \w+ \d{4}: a line for each customer/);
		expect(attachments.map(({ filename }) => filename)).toEqual(['sessions-per-customer.xlsx']);

		const expected = new Map<string, { sessions: number; cents: number; wattHours: number }>();
		for (const { tag, roaming, site, amount, consumed } of endedInJune()) {
			// The company of a foreign driver is not known.
			const company = roaming === 'cpo' ? '' : tag.company.name;
			const key = [company, site.currency, site.vatRate * 100].join(' ');
			const sum = expected.get(key) ?? { sessions: 0, cents: 0, wattHours: 0 };
			expected.set(key, {
				sessions: sum.sessions + 1,
				cents: sum.cents + Math.round(amount * 100),
				wattHours: sum.wattHours + Math.round(consumed * 1000),
			});
		}
		const rows = rowsOfXlsx(attachments[0].content as ArrayBuffer);
		const found = rows.map(
			({
				Customer,
				Currency,
				'VAT rate (%)': rate,
				Sessions,
				'Amount incl. VAT': inclVat,
				'Energy (kWh)': kWh,
			}) => [
				[Customer ?? '', Currency, rate].join(' '),
				{
					sessions: Sessions,
					cents: Math.round(Number(inclVat) * 100),
					wattHours: Math.round(Number(kWh) * 1000),
				},
			],
		);
		expect(new Map(found as Array<[string, object]>)).toEqual(expected);
		expect(found).toHaveLength(expected.size);
		expect(expected.size).toBeGreaterThan(5);
		expect(Object.keys(rows[0])).toEqual([
			...['Customer', 'Sessions', 'Energy (kWh)', 'Amount excl. VAT', 'VAT', 'Amount incl. VAT', 'Currency'],
			...['VAT rate (%)', 'Sessions with warnings'],
		]);
		for (const row of rows) {
			for (const [name, value] of Object.entries(row)) {
				if (!['Customer', 'Currency'].includes(name)) expect(typeof value).toBe('number');
			}
			const sum = Number(row['Amount excl. VAT']) + Number(row.VAT);
			expect(sum).toBeCloseTo(Number(row['Amount incl. VAT']), 9);
		}
	});

	test('Slack digest: a line for each currency and VAT rate of the day, with the doubtful sessions counted', async () => {
		const times = { startedAt: `${YESTERDAY}T08:00:00Z`, endedAt: `${YESTERDAY}T09:30:00Z` };
		const TITLE = /^\*Charging on \d{1,2} [A-Z][a-z]+ \d{4}\*\n/;
		addEnded({ ...times, site: { ...SITES[0], currency: '' }, amount: 12.34 });
		addEnded({ ...times, startedAt: `${YESTERDAY}T11:00:00Z`, amount: 8 });
		for (const amount of [0.1, 0.2, 0.7]) addEnded({ ...times, amount, site: SITES[6] });
		// Another VAT rate in the same currency.
		addEnded({ ...times, amount: 1.01, site: SITES[9] });
		// The record of this one has no amount.
		const unknown = null as unknown as number;
		addEnded({ ...times, site: SITES[14], amount: unknown, amountExVat: unknown });
		// Of today, and of the day before yesterday.
		addEnded({ startedAt: '2026-07-14T22:00:00Z', endedAt: '2026-07-15T00:00:00Z' });
		addEnded({ startedAt: '2026-07-13T22:00:00Z', endedAt: '2026-07-13T23:59:59Z' });

		await run('dailySlackDigest');
		const sessions = endedBetween(`${YESTERDAY}T00:00:00Z`, '2026-07-15T00:00:00Z');
		expect(sessions).toHaveLength(7);
		const groups = new Map<string, Session[]>();
		for (const session of sessions) {
			const key = `${session.site.currency} ${session.site.vatRate}`;
			groups.set(key, [...(groups.get(key) ?? []), session]);
		}
		const lines = [...groups.values()].map((ended) => {
			const kWh = ended.reduce((sum, { consumed }) => sum + Math.round(consumed * 100), 0) / 100;
			const cents = ended.reduce((sum, { amount }) => sum + Math.round(amount * 100), 0);
			const warned = ended.filter(({ startedAt, endedAt }) => startedAt > endedAt!);
			const money = `${ended[0].site.currency || 'no currency'} ${(cents / 100).toFixed(2)} incl. VAT`;
			const amount = ended[0].amount === null ? 'amount not known' : money;
			const count = ended.length === 1 ? '1 session' : `${ended.length} sessions`;
			return `${count}, ${kWh.toFixed(2)} kWh, ${amount}, ${warned.length} with warnings`;
		});
		expect(lines).toHaveLength(5);
		expect(lines).toContain('1 session, 5.00 kWh, amount not known, 0 with warnings');
		const [{ channel, text }] = outside.slack.messages.splice(0);
		expect(channel).toBe('#charging');
		expect(text).toMatch(TITLE);
		expect(text.replace(TITLE, '').split('\n').sort()).toEqual(lines.sort());

		for (const { id } of sessions) sandbox.spirii.data.remove(id);
		await run('dailySlackDigest');
		expect(outside.slack.messages.splice(0).map((message) => message.text.replace(TITLE, ''))).toEqual([
			'No session ended.',
		]);
		sandbox.spirii.data.reset();
	});

	describe('charger offline or faulted', () => {
		const allChargers = () => sandbox.voltTime.data.allChargers();
		const TEXT = /^Charger (\S+) (?:\(.+\) )?(has been offline since \S+Z \(UTC\)|reports the fault \w+)$/;
		/** Looks once, and gives the chargers that are told with what is told of them. */
		const look = async () => {
			await run('chargerOffline');
			const told = outside.slack.messages.splice(0).map(({ text }) => TEXT.exec(text)?.slice(1).join(' '));
			return told.map((text) => text?.replace(/offline since .*/, 'offline')).sort();
		};
		const offline = ({ identity }: Charger) => `${identity} has been offline`;
		const faulted = ({ identity, error }: Charger) => `${identity} reports the fault ${error}`;
		const soundChargers = () =>
			allChargers().filter(
				({ connection_status: status, error }) => status === 'online' && error === 'NoError',
			);
		let before: Charger[];
		beforeAll(() => {
			before = structuredClone(allChargers());
		});
		afterEach(() => {
			outside.slack.onMessage = undefined;
			allChargers().forEach((charger, place) => Object.assign(charger, before[place]));
		});

		test('one message for each that is so now, and none while it stays so', async () => {
			const isOffline = ({ connection_status: status }: Charger) => status === 'offline';
			const isFaulted = ({ connection_status: status, error }: Charger) =>
				status === 'online' && error !== 'NoError';
			const troubled = [
				...allChargers().filter(isOffline).map(offline),
				...allChargers().filter(isFaulted).map(faulted),
			];
			expect(allChargers().filter(isOffline).length).toBeGreaterThan(1);
			expect(allChargers().filter(isFaulted).length).toBeGreaterThan(0);
			expect(await look()).toEqual(troubled.sort());
			expect(await look()).toEqual([]);
			// A heartbeat changes the record, but not its state.
			for (const charger of allChargers().filter(isFaulted)) {
				Object.assign(charger, { updated_at: '2026-07-15T11:00:00.000000Z' });
			}
			expect(await look()).toEqual([]);
		});

		test('one message each time a charger goes offline', async () => {
			await look();
			const again = allChargers().find(({ connection_status: status }) => status === 'offline')!;
			const [online] = soundChargers();
			Object.assign(online, { connection_status: 'offline', updated_at: '2026-07-15T11:00:00.000000Z' });
			Object.assign(again, { connection_status: 'online', error: 'NoError' });
			expect(await look()).toEqual([offline(online)]);
			// Back and away between two looks.
			Object.assign(online, { updated_at: '2026-07-15T11:20:00.000000Z' });
			Object.assign(again, { connection_status: 'offline', updated_at: '2026-07-15T11:30:00.000000Z' });
			expect(await look()).toEqual([offline(online), offline(again)].sort());
			expect(await look()).toEqual([]);
		});

		test('one message each time a charger has a fault, and one for another fault', async () => {
			await look();
			const [charger] = soundChargers();
			const isNow = (error: string | null) =>
				Object.assign(charger, { error, status: error === 'NoError' ? 'Available' : 'Faulted' });
			for (const fault of ['GroundFailure', 'ReaderFailure']) {
				isNow(fault);
				expect(await look()).toEqual([faulted(charger)]);
				expect(await look()).toEqual([]);
			}
			isNow('NoError');
			expect(await look()).toEqual([]);
			isNow('ReaderFailure');
			expect(await look()).toEqual([faulted(charger)]);
			// Neither of these is a fault.
			for (const error of [null, '', 'NoError']) {
				isNow(error);
				expect(await look()).toEqual([]);
			}
		});

		test('a message that Slack refused comes when its run is tried again, and what was told meanwhile is not told again', async () => {
			await look();
			const [charger, other] = soundChargers();
			Object.assign(charger, { error: 'GroundFailure' });
			outside.slack.onMessage = () => {
				throw new Error('Slack is down');
			};
			expect((await n8n.execute('chargerOffline')).status).toBe('error');
			outside.slack.onMessage = undefined;
			outside.slack.messages.splice(0);
			Object.assign(other, { error: 'ReaderFailure' });
			expect(await look()).toEqual([faulted(other)]);

			const failed = (await runsOf('chargerOffline')).find(({ status }) => status === 'error')!;
			dataOf(await n8n.request('POST', `/rest/executions/${failed.id}/retry`, { loadWorkflow: false }));
			for (let tries = 0; tries < 50 && outside.slack.messages.length === 0; tries++) await sleep(200);
			expect(outside.slack.messages.splice(0)).toEqual([
				expect.objectContaining({ text: expect.stringContaining(`Charger ${charger.identity} `) }),
			]);
			expect(await look()).toEqual([]);
		});
	});

	/** The one e-mail with the statements. */
	async function homeCharging() {
		await run('homeCharging');
		expect(outside.emails).toHaveLength(1);
		const [email] = outside.emails.splice(0);
		return { ...email, statements: rowsOfXlsx(email.attachments[0].content as ArrayBuffer) };
	}

	test('home charging: one e-mail with a line for each driver, paid for the kWh at the listed homes', async () => {
		const { from, to, subject, text, attachments, statements } = await homeCharging();
		expect(from?.address).toBe('n8n@example.com');
		expect(to).toEqual([expect.objectContaining({ address: 'payroll@example.com' })]);
		expect(subject).toMatch(/^Home charging, \w+ \d{4}$/);
		expect(attachments.map(({ filename }) => filename)).toEqual(['home-charging.xlsx']);

		const paid = new Map<string, number>();
		for (const { site, tag, roaming, consumed, endedAt } of endedInJune()) {
			if (site.type !== 'Residential') continue;
			const driver = roaming === 'cpo' ? tag.uid : String(tag.customerId);
			const key = `${monthIn(site.timezone, endedAt!)} ${driver}`;
			paid.set(key, (paid.get(key) ?? 0) + Math.round(consumed * 100));
		}
		expect(paid.size).toBeGreaterThan(2);
		const sums = statements.map(({ Month, 'Driver ID': driver, 'Energy (kWh)': kWh }) => [
			`${Month} ${driver}`,
			Math.round(Number(kWh) * 100),
		]);
		expect(sums.sort()).toEqual([...paid].sort());
		for (const row of statements) {
			const { 'Energy (kWh)': kWh, Amount, 'Price per kWh': price, Currency, Sessions } = row;
			expect({ price, Currency }).toEqual({ price: 0.34, Currency: 'EUR' });
			expect(Math.abs(Number(kWh) * 0.34 - Number(Amount))).toBeLessThanOrEqual(0.005 + 1e-9);
			for (const value of [kWh, Amount, Sessions, row['Left out']]) expect(typeof value).toBe('number');
		}
		expect(Object.keys(statements[0]).slice(0, 8)).toEqual([
			...['Driver', 'Driver ID', 'Month', 'Energy (kWh)', 'Price per kWh', 'Amount', 'Currency', 'Sessions'],
		]);
		const total = statements.reduce((sum, { Amount }) => sum + Math.round(Number(Amount) * 100), 0);
		expect(text?.trim()).toBe(
			`${statements.length} statements, ${(total / 100).toFixed(2)} EUR to pay back. Sessions at these homes that are not paid: 0. The attached file has a line for each driver.`,
		);
	});

	test('home charging: a session at a home that is in doubt is not paid, in the list, and counted', async () => {
		const before = await homeCharging();
		const home = endedInJune().find(({ site }) => site.type === 'Residential')!;
		const isListed = ({ customerId }: Session['tag']) =>
			before.statements.some((row) => String(row['Driver ID']) === String(customerId));
		const { tag } = endedInJune().find((one) => one.roaming === null && !isListed(one.tag))!;
		const elsewhere = endedInJune().filter(
			(one) => one.roaming !== 'cpo' && one.tag.customerId === tag.customerId,
		);
		// It ends before it starts.
		addEnded({ site: home.site, tag, startedAt: '2026-06-20T12:00:00Z', endedAt: '2026-06-20T10:00:00Z' });

		const { text, statements } = await homeCharging();
		const fresh = statements.filter(({ 'Driver ID': driver }) => String(driver) === String(tag.customerId));
		expect(fresh).toEqual([
			expect.objectContaining({
				...{ Sessions: 0, Amount: 0, 'Left out': 1 + elsewhere.length },
				'Customer company': tag.company.name,
				'Why left out': expect.stringMatching(/^doubtful: 1(; other-site: \d+)?$/),
			}),
		]);
		expect(statements).toHaveLength(before.statements.length + 1);
		expect(text).toContain(`${statements.length} statements`);
		expect(text).toContain('Sessions at these homes that are not paid: 1.');
		sandbox.spirii.data.reset();
	});

	test('the monthly report adds up every session of both vendors, to the cent', async () => {
		const { outputs } = await run('monthlyReport');
		type Sum = { sessions: number; wattHours: number; cents: number | null };
		const adder = (sums: Map<string, Sum>) => (name: string, one: Sum) => {
			const sum = sums.get(name) ?? { sessions: 0, wattHours: 0, cents: null };
			sums.set(name, {
				sessions: sum.sessions + one.sessions,
				wattHours: sum.wattHours + one.wattHours,
				cents: one.cents === null ? sum.cents : (sum.cents ?? 0) + one.cents,
			});
		};
		const expected = new Map<string, Sum>();
		const add = adder(expected);
		for (const { amount, consumed, site } of endedInJune()) {
			const wattHours = Math.round(consumed * 1000);
			add(`spirii ${site.currency}`, { sessions: 1, wattHours, cents: Math.round(amount * 100) });
		}
		const june = voltTimeEnded('2026-06-01', '2026-07-01T00:00:00Z');
		// The vendor gives no amounts, and a price of today is none of last month.
		for (const { meter_start: start, meter_stop: stop } of june) {
			add('voltTime', { sessions: 1, wattHours: Number(stop) - Number(start), cents: null });
		}
		expect([...expected.keys()]).toEqual(expect.arrayContaining(['spirii DKK', 'spirii EUR', 'voltTime']));

		const found = new Map<string, Sum>();
		const addFound = adder(found);
		const file = rowsOfXlsx(readFileSync(join(n8n.out, 'monthly-report.xlsx')));
		for (const { source, currency, sessions, energyKwh, amountInclVat } of file) {
			addFound([source, currency].join(' ').trim(), {
				sessions: Number(sessions),
				wattHours: Math.round(Number(energyKwh) * 1000),
				cents: amountInclVat === undefined ? null : Math.round(Number(amountInclVat) * 100),
			});
		}
		expect(found).toEqual(expected);
		// A line of Volt Time says whose chargers it is of, if not whose customer.
		expect(outputs.Sums[0]).toHaveProperty('companyName');
		expect(outputs['All sessions']).toHaveLength(endedInJune().length + june.length);
	});

	test('both vendors to CSV: every session of the month once, with its energy and its amount, and no card numbers', async () => {
		await run('bothVendorsToCsv');
		const text = readFileSync(join(n8n.out, 'charging-sessions.csv'), 'utf8');
		const rows = readCsv(text);
		const found = rows.map(({ sessionKey, energyKwh, amountInclVat, currency }) =>
			[sessionKey, Number(energyKwh), Number(amountInclVat), currency].join(' '),
		);
		const spirii = endedInJune().map(({ id, consumed, amount, site }) =>
			[`spirii:${id}`, consumed, amount, site.currency].join(' '),
		);
		const ended = voltTimeEnded('2026-06-01', '2026-07-01T00:00:00Z');
		const voltTime = ended.map((session) => {
			const { currency, amount } = publicPriceOf(session);
			const kWh = (Number(session.meter_stop) - Number(session.meter_start)) / 1000;
			return [`voltTime:${session.id}`, kWh, amount, currency].join(' ');
		});
		expect(found.sort()).toEqual([...spirii, ...voltTime].sort());
		expect(voltTime.length).toBeGreaterThan(50);
		for (const { tag } of endedInJune()) expect(text).not.toContain(tag.uid);
		for (const { id_tag: tag } of ended) if (tag) expect(text).not.toContain(tag);
	});

	describe('Volt Time V2 and V3', () => {
		const compare = async () => {
			const { outputs } = await run('voltTimeVersions');
			expect(outputs.Answer).toHaveLength(1);
			const [answer] = outputs.Answer as Array<Record<string, number | string>>;
			return { answer, sessions: outputs['Each session'] };
		};
		/** The sessions of the 30 days up to the newest end, by their start. */
		const expected = () => {
			const all = voltTimeEnded('2000-01-01', new Date(nowMs()).toISOString());
			const to = Math.max(...all.map(({ stopped_at }) => Date.parse(stopped_at!)));
			const { data } = sandbox.voltTime;
			return data
				.allChargers()
				.flatMap(({ id }) => [...data.transactions(id).records()])
				.filter(({ started_at: start }) => Date.parse(start) <= to && Date.parse(start) >= to - 720 * HOUR);
		};
		afterEach(() => sandbox.voltTime.reset());

		test('are compared by key: they agree', async () => {
			const { answer, sessions } = await compare();
			const count = expected().length;
			expect(count).toBeGreaterThan(50);
			expect(answer).toEqual({
				...{ same: count, onlyV2: 0, onlyV3: 0, otherSession: 0 },
				answer: `The keys agree: ${count} of ${count} sessions have the same key in V2 and V3`,
			});
			const keys = sessions.map(({ sessionKey }) => sessionKey);
			expect(new Set(keys)).toEqual(new Set(expected().map(({ id }) => `voltTime:${id}`)));
			for (const { kWhV2, kWhV3 } of sessions)
				expect(Math.abs(Number(kWhV2) - Number(kWhV3))).toBeLessThan(0.0051);
		});

		test('are compared by key: not one agrees', async () => {
			sandbox.voltTime.switches.sameIds = false;
			const { answer } = await compare();
			const count = expected().length;
			expect(answer).toEqual({
				...{ same: 0, onlyV2: count, onlyV3: count, otherSession: 0 },
				answer: `0 keys in common: do not switch: 0 of ${2 * count} sessions have the same key in V2 and V3`,
			});
		});

		test('are compared by key: some are in one version only', async () => {
			const { data } = sandbox.voltTime;
			const [charger] = data.chargers(data.teams[0].id);
			data.endAccess(charger.id);
			const missing = expected().filter(({ charger_id }) => charger_id === charger.id).length;
			const { answer } = await compare();
			expect(missing).toBeGreaterThan(0);
			expect(answer).toMatchObject({ onlyV2: missing, onlyV3: 0, otherSession: 0 });
			expect(answer.answer).toMatch(/^The keys do not all agree: look at Each session: /);
		});
	});

	test("the legacy download writes the vendor's own CSV, byte by byte", async () => {
		await run('legacyCsvDownload');
		const written = readFileSync(join(n8n.out, 'charge-records-v1.csv'), 'utf8');
		const headers = { authorization: `Bearer ${sandbox.spirii.key}` };
		const answer = await fetch(`${sandbox.spirii.url}/v1/charge-records?output=CSV&limit=2000`, { headers });
		const expected = await answer.text();
		expect(written.trimEnd()).toBe(expected.trimEnd());
		expect(written.trimEnd().split(/\r?\n/).length).toBeGreaterThan(1000);
	});

	testWithDatabase(
		'backfill: all of the history in the table, page by page, and nothing of the pages stays in the run',
		async () => {
			const listed = () => sandbox.spirii.data.listed('chargeRecords');
			const records = listed().length;
			const pages = Math.ceil(records / 1000);
			expect(pages).toBeGreaterThan(1);
			const expected = () =>
				listed()
					.map((id) => sandbox.spirii.data.get(id) as Session)
					.map(({ id, consumed, amount, site }) =>
						[`spirii:${id}`, consumed, amount, site.currency].join(' '),
					);
			const inTable = () =>
				query('SELECT * FROM charge_records').map(({ sessionKey, energyKwh, amountInclVat, currency }) =>
					[sessionKey, Number(energyKwh), Number(amountInclVat), currency].join(' '),
				);

			sandbox.spirii.requests.length = 0;
			const { outputs, text } = await run('backfill');
			expect(outputs.Total).toEqual([{ pages, records }]);
			expect(sandbox.spirii.requests.map(({ query: asked }) => asked.has('nextPageCursor'))).toEqual([
				false,
				...Array.from({ length: pages - 1 }, () => true),
			]);
			expect(inTable().sort()).toEqual(expected().sort());
			expect(Object.keys(query('SELECT * FROM charge_records LIMIT 1')[0])).toEqual(columnNames([]));
			expect(text).not.toContain('spirii:');

			sandbox.spirii.data.update(listed()[10], { amount: 77.77 });
			await run('backfill');
			expect(inTable().sort()).toEqual(expected().sort());
			sandbox.spirii.data.reset();
		},
	);

	/** Rows of the database, all cells as text. */
	function query(sql: string): Array<Record<string, string>> {
		const { DB_POSTGRESDB_PORT: port, DB_POSTGRESDB_USER: user } = (database as Services).settings;
		const login = ['-h', '127.0.0.1', '-p', port, '-U', user, '-d', 'postgres'];
		const csv = execFileSync('psql', [...login, '--csv', '-c', sql], { encoding: 'utf8' });
		return readCsv(csv);
	}

	async function runsOf(workflowId: string): Promise<Array<{ id: string; status: string }>> {
		const filter = encodeURIComponent(JSON.stringify({ workflowId }));
		const answer = await n8n.request('GET', `/rest/executions?limit=100&filter=${filter}`);
		return dataOf<{ results: Array<{ id: string; status: string }> }>(answer).results;
	}

	let added = 0;
	/** A session of the own company at an own charger that has ended; gives its id. */
	function addEnded(patch: SessionPatch): number {
		const { amount = 10 } = patch;
		const site = patch.site ?? SITES[0];
		added++;
		const { id } = sandbox.spirii.data.add({
			company: OWN_COMPANY,
			roaming: null,
			site,
			// Several are at one time.
			evseId: `DK.SPI.ZX${String(added).padStart(4, '0')}*1`,
			perKwh: 2,
			consumed: 5,
			idle: 60,
			amount,
			amountExVat: Math.round((amount / (1 + site.vatRate)) * 100) / 100,
			...patch,
		});
		return id;
	}

	describe('that a trigger starts', () => {
		/** Those that poll. */
		const POLLERS = ['Session completed', 'Session corrected'];
		/** Sessions that ended while all three were on. The first answer of the ERP is lost, although it books the line. */
		let invoiced: number[];

		const now = () => new Date(nowMs()).toISOString();
		const ago = (milliseconds: number) => new Date(nowMs() - milliseconds).toISOString();

		beforeAll(async () => {
			for (const id of ['newSessionToErp', 'correctionToCredit', 'idleAlert']) {
				const { versionId } = dataOf<{ versionId: string }>(
					await n8n.request('GET', `/rest/workflows/${id}`),
				);
				dataOf(await n8n.request('POST', `/rest/workflows/${id}/activate`, { versionId }));
			}
			await polls(1, 0);
			// The servers tell whole seconds: what ends in the second of the first poll counts as before it.
			const second = Math.floor(nowMs() / SECOND);
			await until(() => nowMs() >= (second + 1) * SECOND, 'the next second');

			outside.erp.losesNextAnswer = true;
			sandbox.spirii.data.add({ startedAt: ago(HOUR), endedAt: null, updatedAt: now() });
			const times = { startedAt: ago(2 * HOUR), endedAt: now(), updatedAt: now() };
			invoiced = [12.5, 0, 33.33, 20].map((amount) => addEnded({ ...times, amount }));
			await until(() => outside.erp.requests.length >= invoiced.length, 'the lines for the ERP');
			// What is sent twice has time to come twice. And a correction is one of a version that the trigger has seen.
			await polls(2);
		}, 3 * MINUTE);

		/** Resolves when each trigger has come to the end of so many more polls. */
		async function polls(count: number, since?: number): Promise<void> {
			const pollsOf = (name: string) =>
				n8n.log().match(new RegExp(`${name}: \\d+ of \\d+ records are new, all is read up to`, 'g'))
					?.length ?? 0;
			const before = POLLERS.map((name) => since ?? pollsOf(name));
			await until(() => POLLERS.every((name, place) => pollsOf(name) >= before[place] + count), 'polls');
		}

		async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
			for (const deadline = Date.now() + 90 * SECOND; !(await holds()); await sleep(200)) {
				if (Date.now() < deadline) continue;
				const troubles = n8n
					.log()
					.split('\n')
					.filter((text) => /\b(warn|error)\b/.test(text));
				throw new Error(`Waited in vain for ${what}. n8n's log:\n${troubles.slice(-20).join('\n')}`);
			}
		}

		test(
			'new session to ERP: one invoice line each, also when an answer of the ERP is lost',
			async () => {
				const { erp } = outside;
				// n8n sends them at the same time.
				const lines = sorted(erp.lines('/api/invoice-lines'), 'reference');
				expect(lines.map(({ reference }) => reference)).toEqual(invoiced.map((id) => `spirii:${id}`));
				lines.forEach((line, place) => {
					const { amount, amountExVat, consumed, site, tag } = sandbox.spirii.data.get(
						invoiced[place],
					) as Session;
					expect(line).toMatchObject({
						company: tag.company.name,
						text: expect.stringContaining(site.name),
						quantity: consumed,
						unit: 'kWh',
						amountExclVat: amountExVat,
						// Also where a session was free.
						vatRatePct: 25,
						amountInclVat: amount,
						currency: 'DKK',
						warnings: null,
					});
					expect(line.customer).toBe(
						tag.id % 5 === 0 ? site.crmId && String(site.crmId) : String(500_000 + tag.id),
					);
				});
				const sent = erp.requests.filter(({ path }) => path === '/api/invoice-lines').map(({ key }) => key);
				expect(sent.length).toBeGreaterThan(invoiced.length);
				expect(new Set(sent).size).toBe(invoiced.length);
				expect(await statusesOf('newSessionToErp')).toEqual(['success']);
			},
			3 * MINUTE,
		);

		test(
			'correction to credit note: the difference, nothing without one, and a person where it is not known',
			async () => {
				const { erp } = outside;
				const { data } = sandbox.spirii;
				const questions = () =>
					outside.slack.messages.map(({ text }) => text).filter((text) => / was corrected/.test(text));
				const [cheaper, dearer, same, free] = invoiced;
				const old = data.listed('chargeRecords')[3];
				const change = (id: number, patch: SessionPatch) => data.update(id, { ...patch, updatedAt: now() });
				change(cheaper, { amount: 9, amountExVat: 7.2 });
				change(dearer, { amount: 2.4, amountExVat: 1.92 });
				change(same, { consumed: 5.5 });
				change(free, { amount: 0, amountExVat: 0 });
				const { amount } = change(old, { amount: 4.44 });
				await until(() => erp.lines('/api/corrections').length > 2 && questions().length > 0, 'corrections');
				await polls(2);

				const updatedAt = (id: number) => new Date((data.get(id) as Session).updatedAt).toISOString();
				expect(sorted(erp.lines('/api/corrections'), 'reference')).toEqual([
					expect.objectContaining({
						type: 'credit-note',
						reference: `spirii:${cheaper}:${updatedAt(cheaper)}`,
						correctsReference: `spirii:${cheaper}`,
						amountInclVat: 3.5,
						newAmountInclVat: 9,
						vatRatePct: 25,
						currency: 'DKK',
						text: expect.stringMatching(/ changed: price$/),
					}),
					expect.objectContaining({
						type: 'extra-line',
						reference: `spirii:${dearer}:${updatedAt(dearer)}`,
						correctsReference: `spirii:${dearer}`,
						amountInclVat: 2.4,
						newAmountInclVat: 2.4,
						vatRatePct: 25,
					}),
					expect.objectContaining({
						type: 'credit-note',
						correctsReference: `spirii:${free}`,
						amountInclVat: 20,
						newAmountInclVat: 0,
						// A free session keeps the rate that its record names.
						vatRatePct: 25,
					}),
				]);
				expect(questions()).toEqual([
					expect.stringMatching(
						new RegExp(`^spirii:${old} .* is now ${amount} .*compare it with the invoice`),
					),
				]);
				expect(await statusesOf('correctionToCredit')).toEqual(['success']);
			},
			3 * MINUTE,
		);

		test(
			'new session to ERP: when the ERP is down the run fails, and tried again it brings the line',
			async () => {
				const { erp } = outside;
				erp.isDown = true;
				const late = addEnded({ startedAt: ago(HOUR), endedAt: now(), updatedAt: now() });
				let failed: string | undefined;
				await until(async () => {
					failed = (await runsOf('newSessionToErp')).find(({ status }) => status === 'error')?.id;
					return failed !== undefined;
				}, 'the run to fail');
				erp.isDown = false;
				dataOf(await n8n.request('POST', `/rest/executions/${failed}/retry`, { loadWorkflow: false }));
				const isBooked = () =>
					erp.lines('/api/invoice-lines').some(({ reference }) => reference === `spirii:${late}`);
				await until(isBooked, 'the line');
				expect(erp.lines('/api/invoice-lines')).toHaveLength(invoiced.length + 1);
			},
			3 * MINUTE,
		);

		test(
			'idle alert: each car that stands still once, and none that charges',
			async () => {
				const { data } = sandbox.spirii;
				// It has been looking since it was switched on.
				const alerts = () => outside.slack.messages.filter(({ text }) => / connected/.test(text));
				const ended = async () =>
					(await runsOf('idleAlert')).filter(({ status }) => status === 'success').length;
				const charging = data.add({ startedAt: ago(HOUR), endedAt: null, updatedAt: now(), consumed: 5 }).id;
				const isLook = (path: string, asked: URLSearchParams) =>
					path === '/v2/transactions' && asked.get('ongoing') === 'true';
				sandbox.spirii.onRequest = ({ path, query: asked }) => {
					if (!isLook(path, asked)) return;
					data.update(charging, { consumed: (data.get(charging) as Session).consumed + 0.2 });
				};
				const running = data.ids().filter((id) => (data.get(id) as Session).endedAt === null);
				const standing = running.filter((id) => id !== charging);
				expect(standing.length).toBeGreaterThan(1);
				const told = (id: number) => alerts().filter(({ text }) => text.includes(`(spirii:${id},`));
				await until(() => standing.every((id) => told(id).length > 0), 'alerts');
				const before = await ended();
				await until(async () => (await ended()) >= before + 3, 'more runs to end');
				expect(alerts()).toHaveLength(standing.length);
				for (const id of standing) {
					expect(told(id)).toEqual([
						{
							channel: '#charging',
							text: expect.stringContaining(`${(data.get(id) as Session).site.name}, charger `),
						},
					]);
				}
				// It charges again, and stands still again.
				const [first] = standing;
				data.update(first, { consumed: (data.get(first) as Session).consumed + 3 });
				await until(() => told(first).length === 2, 'a second alert');
				expect(alerts()).toHaveLength(standing.length + 1);
				sandbox.spirii.onRequest = undefined;
				expect(await statusesOf('idleAlert')).toEqual(['success']);
			},
			3 * MINUTE,
		);

		test(
			'idle alert: a car that stands still is told once, also when runs overlap',
			async () => {
				const { data } = sandbox.spirii;
				const { id } = data.add({ startedAt: ago(HOUR), endedAt: null, updatedAt: now(), consumed: 7 });
				const told = () => outside.slack.messages.filter(({ text }) => text.includes(`(spirii:${id},`));
				// The first run that tells it does not end until others have, which began with what was stored before it.
				let letGo = () => {};
				const released = new Promise<void>((resolve) => (letGo = resolve));
				outside.slack.onMessage = async ({ text }) => {
					if (text.includes(`(spirii:${id},`) && told().length === 1) await released;
				};
				try {
					await until(() => told().length > 0, 'the alert');
					const ended = async () =>
						(await runsOf('idleAlert')).filter(({ status }) => status === 'success').map((run) => run.id);
					const before = await ended();
					const others = async () => (await ended()).filter((run) => !before.includes(run)).length;
					// The first of them may have looked before the car had stood for long enough.
					await until(async () => (await others()) > 2, 'other runs to end');
				} finally {
					letGo();
					outside.slack.onMessage = undefined;
				}
				expect(told()).toHaveLength(1);
				expect(await statusesOf('idleAlert')).toEqual(['success']);
			},
			3 * MINUTE,
		);

		/** How the runs of a workflow ended that have, each way once. */
		async function statusesOf(workflowId: string): Promise<string[]> {
			const statuses = (await runsOf(workflowId)).map(({ status }) => status);
			return [...new Set(statuses.filter((status) => !['new', 'running'].includes(status)))];
		}
	});

	test('n8n asked no other service for anything', () => {
		expect(outside.unknown).toEqual([]);
	});
});

/** Items in the order of a field's texts. */
function sorted<T extends Item>(items: T[], field: string): T[] {
	return [...items].sort((one, other) => (String(one[field]) < String(other[field]) ? -1 : 1));
}

/** `2026-06`: the month of a moment in a time zone. */
function monthIn(timeZone: string, time: number): string {
	return new Intl.DateTimeFormat('sv-SE', { timeZone, year: 'numeric', month: '2-digit' }).format(time);
}

/** The rows of a CSV file, whichever way its lines end. */
function readCsv(text: string): Array<Record<string, string>> {
	return parseCsv(text.replaceAll(/\r?\n/g, '\r\n'));
}

/** The rows of the first sheet of an XLSX file, read with n8n's own library in a process of its own. */
function rowsOfXlsx(file: ArrayBuffer | Buffer): Item[] {
	const script =
		"const { read, utils } = require('@e965/xlsx'); const { Sheets, SheetNames } = read(require('fs').readFileSync(0));" +
		'console.log(JSON.stringify(utils.sheet_to_json(Sheets[SheetNames[0]])))';
	const cwd = join(PROJECT, 'sandbox', 'n8n');
	const input = Buffer.from(file as ArrayBuffer);
	return JSON.parse(
		execFileSync(process.execPath, ['-e', script], { cwd, input, encoding: 'utf8' }),
	) as Item[];
}
