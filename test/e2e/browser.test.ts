import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { columnNames } from '../../nodes/shared/session/columns';
import { startSandbox, type Fault, type Sandbox } from '../../sandbox';
import { Editor, missingChromium } from './browser';
import { EXAMPLES, startRealN8n, type RealN8n } from './realN8n';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

jest.setTimeout(6 * MINUTE);

const missing = missingChromium();
// Where nobody reads what is printed, a missing browser is a failure.
const isSkipped = missing !== undefined && !process.env.CI;
if (isSkipped) process.stdout.write(`Skipped: the editor in a browser. ${missing}\n`);

interface Workflow {
	nodes: Array<{
		name: string;
		type: string;
		parameters: Record<string, unknown>;
		credentials?: Record<string, { id: string; name: string }>;
	}>;
}

const files = readdirSync(EXAMPLES).filter((file) => file.endsWith('.json'));
const workflowIn = (file: string) => JSON.parse(readFileSync(join(EXAMPLES, file), 'utf8')) as Workflow;

/** Whether a node of an outside service has no credential yet: whose it is, only the user knows. */
function wantsLogin({ type, parameters, credentials }: Workflow['nodes'][number]): boolean {
	const service = /^n8n-nodes-base\.(slack|googleSheets|emailSend|postgres)$/.test(type);
	return credentials === undefined && (service || parameters.authentication === 'genericCredentialType');
}

/** The credentials that the examples name beside those of the vendors, without content. */
function otherCredentials(): object[] {
	const named = files
		.flatMap((file) => workflowIn(file).nodes)
		.flatMap(({ credentials = {} }) => Object.entries(credentials))
		.filter(([type]) => !['spiriiApi', 'voltTimeApi'].includes(type))
		.map(([type, { id, name }]) => [id, { id, name, type, data: {} }] as const);
	return [...new Map(named).values()];
}

(isSkipped ? describe.skip : describe)('a person at the editor', () => {
	let sandbox: Sandbox;
	let n8n: RealN8n;
	let editor: Editor;

	beforeAll(async () => {
		if (missing) throw new Error(missing);
		sandbox = await startSandbox({ plain: true });
		n8n = await startRealN8n(sandbox, { workflows: [], credentials: otherCredentials(), pages: true });
		editor = await Editor.open(n8n);
		process.stdout.write(`Pictures of what is seen in the browser: ${editor.folder}\n`);
	}, 10 * MINUTE);

	afterAll(async () => {
		await editor?.close();
		await n8n?.stop();
		await sandbox?.close();
	}, MINUTE);

	// Each goes on where the one before it ended.
	describe('as a new user', () => {
		test('signs in', async () => {
			await editor.signIn();
			await editor.sees(editor.at('project-name', 'Overview'));
			await editor.picture('signed-in');
		});

		test('is told when the key in a new credential is wrong, and what to do', async () => {
			await editor.newCredential('Spirii');
			await editor.picture('credential-empty');
			const labels = await editor.labels();
			expect(labels).toEqual(expect.arrayContaining(['API Key', 'Environment', 'Hash Secret (Optional)']));
			expect(labels).not.toContain('Base URL');

			await editor.choose('environment', 'Custom Base URL');
			expect(await editor.labels()).toContain('Base URL');
			await editor.type('baseUrl', sandbox.spirii.url);
			await editor.type('apiKey', 'wrong-key');
			await editor.at('credential-save-button').click();
			await editor.page.getByText('More details').click();
			const reason = 'Spirii did not accept the API key. Check that it is copied whole';
			await editor.sees(editor.at('credential-edit-dialog', reason));
			await editor.picture('credential-wrong');
		});

		test('sees the test of the credential succeed with the right key', async () => {
			await editor.type('apiKey', sandbox.spirii.key);
			await editor.at('credential-save-button').click();
			const success = editor.at('credentials-config-container-test-success');
			await editor.sees(success.getByText('Connection tested successfully'));
			await editor.picture('credential-right');
			await editor.documentationPicture('credential', {
				left: editor.at('connection'),
				top: editor.at('credential-name'),
				right: success,
				bottom: editor.field('apiKey'),
				margin: 16,
			});
			await editor.closeCredential();
		});

		test('finds the nodes by searching for what they are about', async () => {
			await editor.newManualWorkflow();
			await editor.searchNodes('electric vehicle');
			for (const name of ['EV Charging', 'Spirii', 'Volt Time'])
				await editor.sees(editor.at('node-creator-action-item', name));
			await editor.picture('search');
		});

		test('adds a node by one of its actions, and the node has the credential already', async () => {
			await editor.searchNodes('spirii');
			await editor.at('node-creator-action-item', 'Spirii').click();
			await editor.sees(editor.at('node-creator-item-name', 'Get many charge records'));
			await editor.picture('actions');
			await editor.addAction('Get many charge records');
			await editor.picture('node');
			expect(await editor.credential()).toBe('Spirii account');
			expect(await editor.shown('resource')).toBe('Charge Record (CDR)');
			expect(await editor.shown('operation')).toBe('Get Many');
		});

		interface Change {
			does: () => Promise<void>;
			appear?: string[];
			disappear?: string[];
		}

		const changes: Array<[string, Change]> = [
			['"Return All"', { does: async () => await editor.field('returnAll').click(), disappear: ['Limit'] }],
			[
				'the resource of the first version of the API',
				{
					does: async () => await editor.choose('resource', 'Charge Record (Legacy V1)'),
				},
			],
			[
				'a single page',
				{
					does: async () => await editor.choose('operation', 'Get Page'),
					appear: ['Offset'],
					disappear: ['Return All'],
				},
			],
			[
				'the resource of the newest version',
				{
					does: async () => await editor.choose('resource', 'Charge Record (CDR)'),
					appear: ['Next Page Cursor', 'Previous Page Cursor'],
					disappear: ['Offset'],
				},
			],
			[
				'many again',
				{
					does: async () => await editor.choose('operation', 'Get Many'),
					appear: ['Return All', 'Limit'],
					disappear: ['Next Page Cursor', 'Previous Page Cursor'],
				},
			],
			[
				'the output OCPI',
				{
					does: async () => await editor.choose('output', 'OCPI'),
					appear: ['OCPI Version'],
					disappear: ['Columns', 'More Columns'],
				},
			],
			[
				'the output as it comes',
				{
					does: async () => await editor.choose('output', 'Raw'),
					disappear: ['OCPI Version', 'Driver Data', 'Session Settings'],
				},
			],
			[
				'some fields of it',
				{ does: async () => await editor.choose('output', 'Selected Fields'), appear: ['Fields'] },
			],
			[
				'the simplified output',
				{
					does: async () => await editor.choose('output', 'Simplified'),
					appear: ['Columns', 'More Columns', 'Driver Data', 'Session Settings'],
					disappear: ['Fields'],
				},
			],
			[
				'to filter by conditions',
				{
					does: async () => await editor.addOption('Add Filter', 'Conditions'),
					appear: ['Conditions'],
				},
			],
		];

		test.each(changes)('chooses %s, and sees what belongs to it', async (name, change) => {
			const { does, appear = [], disappear = [] } = change;
			const before = await editor.labels();
			await does();
			await editor.picture(`fields ${name}`);
			const after = await editor.labels();
			expect(after.filter((label) => !before.includes(label)).sort()).toEqual([...appear].sort());
			expect(before.filter((label) => !after.includes(label)).sort()).toEqual([...disappear].sort());
		});

		test('builds a filter with a date, and reads the sessions in a table', async () => {
			await editor.page.getByRole('button', { name: 'Add Condition' }).click();
			await editor.choose('field', 'Ended At (endedAt)');
			await editor.choose('operator', 'Greater Than or Equal / From');
			await editor.type('value', '2026-06-22 00:00:00');
			await editor.field('returnAll').click();
			await editor.picture('filter');
			await editor.runNode();
			await editor.picture('filter-table');

			const { data } = sandbox.spirii;
			const [first, ...others] = data
				.listed('chargeRecords')
				.map((id) => data.get(id))
				.filter((session) => Number(session?.endedAt) >= Date.parse('2026-06-22T00:00:00Z'));
			expect(others.length).toBeGreaterThan(10);
			const { count, heads, rows } = await editor.table();
			expect(count).toBe(`${others.length + 1} items`);
			expect(heads).toEqual(columnNames([]));
			const cell = (column: string) => rows[0][heads.indexOf(column)];
			expect(cell('sessionKey')).toBe(`spirii:${first?.id}`);
			expect(cell('energyKwh')).toBe(String(first?.consumed));
			expect(cell('endedAt')).toBe(new Date(Number(first?.endedAt)).toISOString());

			await editor.widenOutput();
			await editor.at('parameter-item', 'Filters').evaluate((element) => element.scrollIntoView());
			await editor.documentationPicture('filter', {
				left: editor.at('tab-params'),
				top: editor.at('output-panel'),
				right: editor.at('output-panel'),
				bottom: editor.at('fixed-collection-filterConditions'),
			});
		});

		test('adds the sums per month behind it', async () => {
			const { count } = await editor.table();
			await editor.closeNode();
			await editor.at('canvas-handle-plus').last().click();
			await editor.searchNodes('ev charging');
			await editor.addNode('EV Charging', 'Summarize sessions');
			await editor.runNode();
			await editor.picture('summarize');

			const { heads, rows } = await editor.table();
			expect(heads.slice(0, 8)).toEqual([
				...['billingMonth', 'currency', 'vatRatePct', 'sessions'],
				...['energyKwh', 'amountExclVat', 'vatAmount', 'amountInclVat'],
			]);
			const sessions = rows.reduce((sum, row) => sum + Number(row[heads.indexOf('sessions')]), 0);
			expect(`${sessions} items`).toBe(count);
			await editor.widenOutput();
			await editor.documentationPicture('summarize', {
				left: editor.at('tab-params'),
				top: editor.at('output-panel'),
				right: editor.at('output-panel'),
				bottom: editor.at('node-parameters').getByPlaceholder('Add option'),
			});
			await editor.closeNode();
			await editor.picture('summarize-canvas');
		});

		const failures: Array<[string, Fault, string, string]> = [
			[
				'a key that was withdrawn',
				{ kind: 'status', status: 403 },
				'Spirii refused the credential (HTTP 403)',
				'Check the API key in the Spirii credential',
			],
			[
				'a service that is down',
				{ kind: 'status', status: 503, times: 20 },
				'Spirii could not process the request (HTTP 503)',
				'Try again later.',
			],
			[
				'a login page in place of an answer',
				{ kind: 'html' },
				'The API responded with something other than the documented JSON',
				'Check the base URL in the credential.',
			],
		];

		test.each(failures)('reads what is wrong after %s', async (name, fault, message, advice) => {
			await editor.openNode('Get many charge records');
			sandbox.spirii.faults.push(fault);
			await editor.failNode(message);
			await editor.picture(`failure ${name}`);
			sandbox.spirii.faults.length = 0;
			expect(await editor.at('node-error-description').innerText()).toContain(advice);
			await editor.closeNode();
		});

		test('picks a team by a part of its name and a charger from a list, and reads its sessions', async () => {
			const { data } = sandbox.voltTime;
			const [, team] = data.teams;
			const [, charger] = data.chargers(team.id);
			await editor.newManualWorkflow();
			await editor.searchNodes('volt time');
			await editor.addNode('Volt Time', 'Get many legacy transactions');

			await editor.openList('teamId');
			await editor.listed(data.teams.length);
			await editor.picture('teams');
			await editor.at('rlc-search').fill('lantaarn');
			await editor.at('rlc-item').nth(1).waitFor({ state: 'hidden' });
			expect(await editor.listed(1)).toEqual([`${team.name} (${team.id})`]);
			await editor.at('rlc-item').click();

			await editor.openList('chargerId');
			const chargers = await editor.listed(data.chargers(team.id).length);
			expect(chargers.map((name) => name.split(' ')[0])).toEqual(
				data.chargers(team.id).map(({ identity }) => identity),
			);
			await editor.picture('chargers');
			await editor.at('rlc-item', charger.identity).click();

			await editor.runNode();
			await editor.picture('charger-table');
			const { count, heads, rows } = await editor.table();
			expect(count).toBe(`${data.ids(charger.id).length} items`);
			expect(new Set(rows.map((row) => row[heads.indexOf('chargerId')]))).toEqual(
				new Set([String(charger.id)]),
			);
			await editor.closeNode();
		});

		test('switches a trigger on, and finds the run that an ended session has started', async () => {
			await editor.newWorkflow();
			await editor.at('canvas-add-button').click();
			await editor.searchNodes('spirii');
			await editor.addNode('Spirii', 'On session completed');
			await editor.choose('mode', 'Custom');
			// n8n polls once a minute at most, so it is made a second that comes soon.
			const second = new Date(Date.now() + 25 * SECOND).getUTCSeconds();
			await editor.type('cronExpression', `${second} * * * * *`);
			await editor.picture('trigger');
			await editor.closeNode();
			await editor.at('canvas-handle-plus').click();
			await editor.searchNodes('ev charging');
			await editor.addNode('EV Charging', 'Summarize sessions');
			await editor.closeNode();
			await editor.publish();
			await editor.picture('published');

			// The first poll tells whole seconds: what ends in its second counts as before it.
			const ended = [1, 2, 3].map(() => {
				const [begin, end] = [-2 * HOUR, 2 * SECOND].map((offset) =>
					new Date(Date.now() + offset).toISOString(),
				);
				const times = { startedAt: begin, createdAt: begin, endedAt: end, updatedAt: end };
				return sandbox.spirii.data.add({ ...times, consumed: 20 }).id;
			});
			await editor.at('radio-button-executions').click();
			const run = editor.page.getByTestId(/^execution-details-\d+$/);
			await run.waitFor();
			await run.click();
			await editor.sees(editor.at('execution-preview-label', 'Succeeded'));
			await editor.sees(editor.at('execution-preview-host', `${ended.length} items`));
			await editor.picture('execution');
			await editor.documentationPicture('execution');

			await editor.openNode('Spirii Trigger');
			await editor.picture('execution-table');
			const { heads, rows } = await editor.table();
			expect(rows.map((row) => row[heads.indexOf('sessionKey')]).sort()).toEqual(
				ended.map((id) => `spirii:${id}`).sort(),
			);
			await editor.closeNode();
		});
	});

	describe('with a ready workflow', () => {
		test.each(files)(
			'imports %s and sees a warning sign where a login is to be chosen, else none',
			async (file) => {
				const nodes = workflowIn(file).nodes.filter(({ type }) => type !== 'n8n-nodes-base.stickyNote');
				const names = nodes.map(({ name }) => name);
				await editor.importFromFile(join(EXAMPLES, file));
				expect((await editor.nodesOnCanvas(names.length)).sort()).toEqual(names.sort());
				await editor.picture(`import ${file.replace('.json', '')}`);
				const toConnect = nodes.filter(wantsLogin).map(({ name }) => name);
				expect((await editor.nodesWithWarning()).sort()).toEqual(toConnect.sort());
				if (file === 'both-vendors-to-csv.json') await editor.documentCanvas('canvas');
			},
		);

		test('would see such a sign where a field is empty, a credential is missing or a node is not known', async () => {
			const { nodes, ...rest } = workflowIn('both-vendors-to-csv.json');
			const broken: Record<string, object> = {
				'Spirii charge records': { parameters: { operation: 'get' } },
				'CSV file': { type: 'n8n-nodes-nobody.nothing' },
				'Write file': { type: 'n8n-nodes-base.github', parameters: { resource: 'user', owner: 'me' } },
			};
			const spoilt = { ...rest, nodes: nodes.map((node) => ({ ...node, ...broken[node.name] })) };
			const buffer = Buffer.from(JSON.stringify(spoilt));
			await editor.importFromFile({ name: 'broken.json', mimeType: 'application/json', buffer });
			await editor.nodesOnCanvas(nodes.length - 1);
			await editor.picture('import-broken');
			expect((await editor.nodesWithWarning()).sort()).toEqual(Object.keys(broken).sort());
		});
	});

	test.each(['light', 'dark'] as const)('sees icons that are made for %s mode', async (colorScheme) => {
		await editor.page.emulateMedia({ colorScheme });
		await editor.newManualWorkflow();
		await editor.searchNodes('electric vehicle');
		for (const name of ['EV Charging', 'Spirii', 'Volt Time']) {
			const icon = editor.at('node-creator-action-item', name).locator('img').first();
			await editor.sees(icon);
			expect((await icon.getAttribute('src'))?.endsWith('.dark.svg')).toBe(colorScheme === 'dark');
			expect(await icon.evaluate((image) => (image as { naturalWidth?: number }).naturalWidth)).toBeTruthy();
		}
		await editor.picture(`icons-${colorScheme}`);
	});
});
