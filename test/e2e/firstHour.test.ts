import { join } from 'node:path';

import { startSandbox, type Sandbox, type Session } from '../../sandbox';
import { COMPANIES } from '../../sandbox/spirii/places';
import { Editor, missingChromium } from './browser';
import { startRealN8n, type RealN8n } from './realN8n';

const MINUTE_MS = 60_000;
/** What "Last Month" counts from: the sandbox's data end in June. */
const NOW = '2026-07-15T08:00:00Z';
const JUNE = { from: Date.parse('2026-06-01T00:00:00Z'), before: Date.parse('2026-07-01T00:00:00Z') };

jest.setTimeout(10 * MINUTE_MS);

const missing = missingChromium();
const isSkipped = missing !== undefined && !process.env.CI;
if (isSkipped) process.stdout.write(`Skipped: the first hour in a browser. ${missing}\n`);

(isSkipped ? describe.skip : describe)('from an empty canvas, by clicks alone', () => {
	let sandbox: Sandbox;
	let n8n: RealN8n;
	let editor: Editor;
	/** Of June, by their end, as the list has them. */
	let sessions: Session[];

	beforeAll(async () => {
		if (missing) throw new Error(missing);
		sandbox = await startSandbox();
		const { data } = sandbox.spirii;
		sessions = data
			.listed('chargeRecords')
			.map((id) => data.get(id) as Session)
			.filter(({ endedAt }) => Number(endedAt) >= JUNE.from && Number(endedAt) < JUNE.before);
		const clock = join(__dirname, 'shiftedClock.cjs');
		const settings = {
			NODE_OPTIONS: `--require "${clock}"`,
			CLOCK_SHIFT_MS: String(Date.parse(NOW) - Date.now()),
		};
		n8n = await startRealN8n(sandbox, { workflows: [], pages: true, settings });
		editor = await Editor.open(n8n, { size: { width: 1280, height: 800 }, clock: NOW });
		process.stdout.write(`Pictures of the first hour: ${editor.folder}\n`);
		await editor.signIn();
	}, 10 * MINUTE_MS);

	afterAll(async () => {
		await editor?.close();
		await n8n?.stop();
		await sandbox?.close();
	}, MINUTE_MS);

	/** Keeps a picture of this step; those with a name in the documentation also for that. */
	async function picture(step: string, name?: string): Promise<void> {
		await editor.picture(`${step} after ${await editor.steps()} clicks`);
		if (name !== undefined) await editor.documentationPicture(`first-hour-${name}`);
	}

	/** From an empty canvas to the table of last month's charge records. */
	async function readLastMonth(words: string, namePictures: boolean): Promise<void> {
		await editor.openNodes();
		await editor.findNode(words, 'Spirii');
		await editor.openActions();
		await editor.at('node-creator-item-name', 'Get many charge records').scrollIntoViewIfNeeded();
		await picture('actions', namePictures ? 'actions' : undefined);
		await editor.addAction('Get many charge records');
		await editor.choose('period', 'Last Month');
		await editor.field('returnAll').click();
		await editor.runNode();
		await picture('last-month', namePictures ? 'last-month' : undefined);
		expect((await editor.table()).count).toBe(`${sessions.length} items`);
	}

	/** The customer company of each of these sessions, as Spirii's own list names it: that of the ID tag. */
	async function customersAtSpirii(): Promise<string[]> {
		const { url, key, data } = sandbox.spirii;
		const headers = { authorization: `Bearer ${key}` };
		const response = await fetch(`${url}/v2/charge-records?limit=5000`, { headers });
		const answer = (await response.json()) as {
			data: Array<{ transactionId: number; auth?: { idTag?: { company?: { name?: string } } } }>;
		};
		expect(answer.data).toHaveLength(data.listed('chargeRecords').length);
		const ids = new Set(sessions.map(({ id }) => id));
		return answer.data
			.filter(({ transactionId }) => ids.has(transactionId))
			.map(({ auth }) => auth?.idTag?.company?.name ?? 'null');
	}

	/** What a column of the open node's table says, on its first page. */
	async function column(name: string): Promise<string[]> {
		const { heads, rows } = await editor.table();
		expect(heads).toContain(name);
		return rows.map((row) => row[heads.indexOf(name)]);
	}

	test("a billing clerk has last month's sessions after 8 clicks, and then a spreadsheet per customer company", async () => {
		await editor.newWorkflow();
		await readLastMonth('charge records', true);
		expect(await editor.steps()).toBeLessThanOrEqual(8);
		expect(sessions.length).toBeGreaterThan(50);
		expect(await editor.credential()).toBe('Spirii');

		await editor.closeNode();
		await editor.openNodes();
		await editor.findNode('summarize sessions', 'EV Charging');
		await editor.addAction('Summarize sessions');
		await editor.takeOption('groupBy', 'Customer Company Name');
		await picture('group-by');
		await editor.runNode();
		await picture('customers', 'customers');
		const customers = await customersAtSpirii();
		const names = await column('customerCompanyName');
		expect(new Set(names)).toEqual(new Set(customers));
		expect(names).toEqual(expect.arrayContaining(COMPANIES.map(({ name }) => name)));
		// The lines of one customer stand together; those of the last one may go on on the next page.
		const counts = (await column('sessions')).map(Number);
		const ofFirst = counts.filter((_, index) => names[index] === names[0]);
		const expected = customers.filter((name) => name === names[0]).length;
		expect(ofFirst.reduce((sum, count) => sum + count)).toBe(expected);

		await editor.closeNode();
		await editor.openNodes();
		await editor.findNode('xlsx', 'Convert to File');
		await editor.addAction('Convert to XLSX');
		await editor.runNode();
		await editor.sees(editor.at('output-panel').getByText(/\.xlsx$/));
		await picture('spreadsheet', 'spreadsheet');
		await editor.closeNode();
		await picture('clerk-canvas');
		expect(await editor.nodesWithWarning()).toEqual([]);
		expect(await editor.steps()).toBeLessThanOrEqual(21);
	});

	test('an operations engineer has a message about an ended session ready for Slack', async () => {
		await editor.newWorkflow();
		await editor.openNodes();
		await editor.findNode('charging sessions', 'Spirii');
		await picture('triggers');
		await editor.addAction('On session completed');
		await editor.runNode();
		await picture('test-event', 'test-event');
		expect(await editor.steps()).toBeLessThanOrEqual(4);
		const [place] = await column('locationName');

		await editor.closeNode();
		await editor.openNodes();
		await editor.findNode('slack', 'Slack');
		await editor.at('node-creator-item-name', /^\s*Send a message\s*$/).click();
		await editor.sees(editor.field('text'));
		await editor.choose('select', 'Channel');
		await editor.fill('text', 'Charging ended at');
		await editor.drag('locationName', 'text');
		await picture('message');
		await editor.at('tab-params').click();
		await editor.sees(editor.at('node-parameters').getByText(`Charging ended at ${place}`));
		await picture('slack', 'slack');
		await editor.closeNode();
		await picture('ops-canvas');
		// All that is missing is the login.
		expect(await editor.nodesWithWarning()).toEqual(['Send a message']);
		expect(await editor.steps()).toBeLessThanOrEqual(16);
	});

	test('a fleet manager is told what is missing, and has a list for payroll', async () => {
		const home = sessions.find(({ site }) => site.type === 'Residential' && site.currency === 'DKK')!.site
			.name;

		await editor.newWorkflow();
		await readLastMonth('home charging', false);
		// A person knows the home by its name, and reads its ID beside it.
		await editor.searchOutput(home);
		const ids = await column('locationId');
		const [siteId] = ids;
		expect(new Set(await column('locationName'))).toEqual(new Set([home]));
		expect(new Set(ids)).toEqual(new Set([siteId]));
		await editor.closeNode();
		await editor.openNodes();
		await editor.findNode('payroll', 'EV Charging');
		await editor.addAction('Reimburse home charging');
		await editor.fill('siteIds', `location:${siteId}`);
		await editor.fill('pricePerKwh', '2.35');
		await editor.fill('priceCurrency', 'DKK');
		await editor.addOption('Add option', 'Leave Out Empty Statements');
		await editor.field('leaveOutEmpty').click();
		await picture('reimburse');
		await editor.runNode();
		await editor.sees(editor.at('output-panel').getByText(/No session says whose it is/));
		await picture('hint', 'hint');
		await editor.closeNode();

		await editor.openNode('Get many charge records');
		await editor.choose('driverData', 'Plain');
		await editor.at('node-execute-button').click();
		await editor.closeNode();
		await editor.openNode('EV Charging');
		await editor.at('node-execute-button').click();
		await editor
			.at('output-panel')
			.getByText(/No session says/)
			.waitFor({ state: 'hidden' });
		await picture('payroll', 'payroll');

		const paid = (await column('sessions')).map(Number);
		expect(paid.reduce((sum, count) => sum + count)).toBeGreaterThan(0);
		// Who was only at other places is not in the list.
		const reasons = await column('leftOutReasons');
		reasons.forEach((text, index) => {
			if (paid[index] === 0) expect(text).not.toMatch(/^other-site: \d+$/);
		});
		// What the first page of the table does not show are more drivers.
		const leftOut = (await column('leftOut')).map(Number);
		expect([...paid, ...leftOut].reduce((sum, count) => sum + count)).toBeLessThanOrEqual(sessions.length);
		await editor.closeNode();
		await picture('fleet-canvas');
		expect(await editor.nodesWithWarning()).toEqual([]);
		expect(await editor.steps()).toBeLessThanOrEqual(33);
	});
});
