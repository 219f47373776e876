import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

import { chromium, selectors, type Browser, type Locator, type Page } from 'playwright-core';

import type { RealN8n } from './realN8n';

/** A busy machine takes its time; what is there sooner is seen sooner. */
const PATIENCE = 150_000;

/** Of the window, in pixels. */
const SIZE = { width: 1440, height: 800 };

/** How the browser is called in the packages of different systems. */
const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'];

/** Says that there is no Chromium, and the command that installs it; undefined when there is one. */
export function missingChromium(): string | undefined {
	if (findChromium()) return undefined;
	return 'Not installed: Chromium. On Debian or Ubuntu: apt-get install chromium';
}

function findChromium(): string | undefined {
	const folders = String(process.env.PATH).split(delimiter);
	return folders
		.flatMap((folder) => CHROMIUM.map((name) => join(folder, name)))
		.find((file) => existsSync(file));
}

/** The part of the window that a picture shows: on each side it ends where the element ends. */
interface Part {
	left: Locator;
	top: Locator;
	right: Locator;
	bottom: Locator;
	/** Around it, in pixels. */
	margin?: number;
}

/** What the output pane of a node shows as a table. */
export interface Table {
	/** As it stands above the table: `26 items`. */
	count: string;
	heads: string[];
	/** The cells of the page that is shown, by row. */
	rows: string[][];
}

/** n8n's editor in a browser, used as a person does: every method clicks and types, and waits for what is visible. */
export class Editor {
	private pictures = 0;
	private stepCount = 0;

	private constructor(
		private readonly browser: Browser,
		readonly page: Page,
		private readonly url: string,
		private readonly login: { email: string; password: string },
		/** Where the pictures of the single steps go. */
		readonly folder: string,
		/** Where the pictures for the documentation go. */
		private readonly documentation: string,
	) {}

	/**
	 * Opens the browser; nothing is loaded yet. Pictures go to a temporary folder, those for the documentation to the folder
	 * that `SCREENSHOTS` names. With `THEME=dark` all is seen as in dark mode.
	 *
	 * @param view The size of the window in pixels, and the ISO 8601 time at which the browser's clock starts, if not now.
	 */
	static async open(n8n: RealN8n, view: { size?: typeof SIZE; clock?: string } = {}): Promise<Editor> {
		selectors.setTestIdAttribute('data-test-id');
		const browser = await chromium.launch({
			executablePath: findChromium(),
			args: [
				...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
				...['--disable-component-update', '--disable-sync', '--disable-quic'],
			],
		});
		const page = await browser.newPage({
			viewport: view.size ?? SIZE,
			colorScheme: process.env.THEME === 'dark' ? 'dark' : 'light',
			locale: 'en-GB',
			timezoneId: 'UTC',
		});
		page.setDefaultTimeout(PATIENCE);
		if (view.clock !== undefined) await page.clock.install({ time: view.clock });
		const folder = mkdtempSync(join(tmpdir(), 'ev-charging-pictures-'));
		const documentation = process.env.SCREENSHOTS ?? folder;
		mkdirSync(documentation, { recursive: true });
		// n8n prints its address at the start, and its user folder lies beside the folder for its files.
		const [url] = /http:\/\/localhost:\d+/.exec(n8n.log()) as RegExpExecArray;
		const login = readFileSync(join(dirname(n8n.out), 'home', 'login.json'), 'utf8');
		const person = JSON.parse(login) as Editor['login'];
		const editor = new Editor(browser, page, url, person, folder, documentation);
		// The page itself counts, so that no step can be forgotten.
		await page.exposeFunction('countStep', () => void editor.stepCount++);
		await page.addInitScript(`
			addEventListener('pointerdown', () => countStep(), true);
			addEventListener('keydown', ({ key }) => ['Enter', 'Escape', 'Tab'].includes(key) && countStep(), true);
		`);
		return editor;
	}

	/**
	 * Clicks, drags and keys that confirm, cancel or move on (Enter, Escape, Tab) since the last empty workflow was opened. A
	 * double click counts twice, typing does not count.
	 */
	async steps(): Promise<number> {
		// The page has reported all of them before it answers.
		await this.page.evaluate('0');
		return this.stepCount;
	}

	async close(): Promise<void> {
		await this.browser.close();
	}

	/** The visible element with a test id of n8n, and with a text in it when one is given. */
	at(id: string, text?: string | RegExp): Locator {
		return this.page.getByTestId(id).filter({ visible: true, hasText: text });
	}

	/** Resolves when it is to be seen. */
	async sees(what: Locator): Promise<void> {
		await what
			.first()
			.waitFor()
			.catch(async (error: Error) => {
				await this.picture('waited in vain');
				throw error;
			});
	}

	/** Keeps what is to be seen as a picture of this step. */
	async picture(step: string): Promise<void> {
		const number = String(++this.pictures).padStart(2, '0');
		const name = step.replace(/\W+/g, ' ').trim().replace(/ /g, '-');
		await this.page.screenshot({
			path: join(this.folder, `${number}-${name}.png`),
			animations: 'disabled',
		});
	}

	/** Keeps what is to be seen, or a part of it, as a picture for the documentation, without the messages in the corner. */
	async documentationPicture(name: string, part?: Part): Promise<void> {
		// Its text comes back on a button when the spinner has faded out.
		await this.page.locator('.n8n-button-fade-leave-active').first().waitFor({ state: 'detached' });
		await this.page.screenshot({
			path: join(this.documentation, `${name}.png`),
			animations: 'disabled',
			clip: part && (await clipOf(part)),
			style: '.el-notification { display: none }',
		});
	}

	/** Keeps the whole workflow as a picture for the documentation: in a higher window, where no button covers a node. */
	async documentCanvas(name: string): Promise<void> {
		await this.page.setViewportSize({ ...SIZE, height: 1000 });
		await this.at('zoom-to-fit').click();
		await this.at('canvas').click({ position: { x: 5, y: 5 } });
		await this.documentationPicture(name);
		await this.page.setViewportSize(SIZE);
	}

	async signIn(): Promise<void> {
		await this.page.goto(this.url, { waitUntil: 'commit' });
		await this.at('emailOrLdapLoginId').locator('input').fill(this.login.email);
		await this.at('password').locator('input').fill(this.login.password);
		await this.at('form-submit-button').click();
		await this.at('project-home-menu-item').click();
	}

	/** From the overview: opens the form for a new credential of a service. */
	async newCredential(service: string): Promise<void> {
		await this.at('tab-CredentialsView').click();
		await this.at('add-resource-credential').click();
		await this.at('new-credential-type-select').locator('input').fill(service);
		await this.at('new-credential-type-select-option', service).click();
		await this.at('new-credential-type-button').click();
		await this.sees(this.at('credential-edit-dialog'));
	}

	/** Opens an empty workflow, wherever one is; what is not saved is lost. */
	async newWorkflow(): Promise<void> {
		await this.page.goto(`${this.url}/home/workflows`, { waitUntil: 'commit' });
		await this.at('add-resource-workflow').click();
		await this.sees(this.at('canvas-add-button'));
		await this.steps();
		this.stepCount = 0;
	}

	/** Opens a workflow that starts with a click, and the list of nodes to put behind it. */
	async newManualWorkflow(): Promise<void> {
		await this.newWorkflow();
		await this.at('canvas-add-button').click();
		await this.at('node-creator-node-item', 'Trigger manually').click();
		await this.at('canvas-handle-plus').click();
	}

	/** Searches the open list of nodes. */
	async searchNodes(words: string): Promise<void> {
		await this.at('node-creator-search-bar').fill(words);
	}

	/** Takes a node and one of its actions or events out of the list, which opens the node. */
	async addNode(name: string, action: string): Promise<void> {
		const title = this.page.getByTestId('node-creator-item-name').getByText(name, { exact: true });
		await this.at('node-creator-action-item').filter({ has: title }).click();
		await this.addAction(action);
	}

	/** Opens the list of nodes: on an empty canvas with its button, else behind the last node. */
	async openNodes(): Promise<void> {
		await this.at('canvas-add-button').or(this.at('canvas-handle-plus')).last().click();
		await this.sees(this.at('node-creator-search-bar'));
	}

	/** Searches the list of nodes that was just opened, where the cursor stands in the search, and takes a node out of it. */
	async findNode(words: string, name: string): Promise<void> {
		await this.page.keyboard.type(words);
		const title = this.page.getByTestId('node-creator-item-name').getByText(name, { exact: true });
		const found = this.at('node-creator-action-item').or(this.at('node-creator-node-item'));
		await found.filter({ has: title }).first().click();
	}

	/** Opens the actions of a node, which n8n keeps closed as long as the canvas is empty. */
	async openActions(): Promise<void> {
		await this.page.getByText(/^Actions \(\d+\)/).click();
	}

	/** Takes an action or event out of the list of a node, which opens the node. */
	async addAction(action: string): Promise<void> {
		await this.at('node-creator-item-name', action).click();
		await this.sees(this.at('node-parameters'));
	}

	/** Opens a node on the canvas. */
	async openNode(name: string): Promise<void> {
		await this.page.locator(`[data-test-id="canvas-node"][data-node-name="${name}"]`).dblclick();
		await this.sees(this.at('node-parameters'));
	}

	/** Imports a workflow through the menu: the path of a file, or a file itself. */
	async importFromFile(file: string | { name: string; mimeType: string; buffer: Buffer }): Promise<void> {
		await this.newWorkflow();
		await this.at('workflow-menu').click();
		await this.at('workflow-menu-item-import').hover();
		const chooser = this.page.waitForEvent('filechooser');
		await this.at('workflow-menu-item-import-from-file').click();
		await (await chooser).setFiles(file);
	}

	/** The labels of the fields of the open node or credential, in order. */
	async labels(): Promise<string[]> {
		const labels = this.at('node-parameters').or(this.at('credential-edit-dialog')).locator('label');
		const texts = await labels.filter({ visible: true }).allInnerTexts();
		return texts.map((text) => text.split('\n')[0].replace('*', '').trim());
	}

	/** The field of a parameter of the open node or credential, by the parameter's name. */
	field(parameter: string): Locator {
		// Every text input is called `parameter-input-field`, and so would be a parameter with the name "field".
		return this.at(`parameter-input-${parameter}`).and(this.page.locator('div'));
	}

	/** The credential of the open node. */
	async credential(): Promise<string> {
		return await this.at('node-credentials-select').locator('input').inputValue();
	}

	/** The option that is chosen in a parameter's list, or what is typed into it. */
	async shown(parameter: string): Promise<string> {
		return await this.field(parameter).locator('input').inputValue();
	}

	async type(parameter: string, text: string): Promise<void> {
		const input = this.field(parameter).locator('input');
		await input.fill(text);
		// A date is taken over when it is confirmed.
		if ((await input.getAttribute('placeholder')) === 'Select date and time') await input.press('Enter');
	}

	/** Clicks into a field, and types over what it holds. */
	async fill(parameter: string, text: string): Promise<void> {
		const input = this.field(parameter).locator('input, textarea, [contenteditable]').first();
		await input.click();
		await this.page.keyboard.press('ControlOrMeta+a');
		await this.page.keyboard.type(text);
		// n8n takes what was typed when the typing pauses.
		await this.page.waitForTimeout(500);
	}

	/** Opens the list of a parameter and takes an option by its name. */
	async choose(parameter: string, option: string | RegExp): Promise<void> {
		const options = await this.takeOption(parameter, option);
		await options.first().waitFor({ state: 'hidden' });
	}

	/** Opens the list of a parameter and takes an option by its name; where several can be chosen, the list stays open. */
	async takeOption(parameter: string, option: string | RegExp): Promise<Locator> {
		await this.field(parameter).click();
		const options = this.page.getByRole('option').filter({ visible: true });
		await options.filter({ has: this.page.getByText(option, { exact: true }) }).click();
		return options;
	}

	/** Drags a field of the input onto a parameter. */
	async drag(field: string, parameter: string): Promise<void> {
		const from = await boxOf(this.at('ndv-input-panel').getByText(field, { exact: true }).first());
		const to = await boxOf(this.field(parameter));
		await this.page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
		await this.page.mouse.down();
		await this.page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 20 });
		await this.page.mouse.up();
	}

	/** Opens a collection of the open node, by what its list says, and adds an option. */
	async addOption(placeholder: string, option: string): Promise<void> {
		await this.at('node-parameters').getByPlaceholder(placeholder).click();
		const options = this.at('collection-parameter-option');
		await options.filter({ has: this.page.getByText(option, { exact: true }) }).click();
	}

	/** Opens the searchable list of a parameter. */
	async openList(parameter: string): Promise<void> {
		await this.at(`resource-locator-${parameter}`).getByTestId('rlc-input').click();
	}

	/** What the open list holds, once it has this many entries. */
	async listed(count: number): Promise<string[]> {
		await this.at('rlc-item')
			.nth(count - 1)
			.waitFor();
		return (await this.at('rlc-item').allInnerTexts()).map((name) => name.trim());
	}

	/** Runs the open node, for the first time, and those before it that have not run; waits until all went well. */
	async runNode(): Promise<void> {
		await this.at('node-execute-button').click();
		await this.sees(this.at('node-run-status-success'));
	}

	/** Runs the open node, and waits until a message says why it failed. */
	async failNode(message: string): Promise<void> {
		await this.at('node-execute-button').click();
		await this.sees(this.at('node-error-message', message));
	}

	/** What the output pane of the open node shows. */
	async table(): Promise<Table> {
		const pane = this.at('output-panel');
		// n8n keeps the view that was chosen last, also for other nodes.
		const view = pane.getByRole('radio', { name: 'Table' }).filter({ visible: true });
		await this.sees(view);
		if (!(await view.first().isChecked())) await view.first().click();
		const table = pane.locator('table').filter({ visible: true });
		await this.sees(table.locator('tbody td'));
		const texts = async (cells: Locator) => (await cells.allInnerTexts()).map((text) => text.trim());
		const rows = await table.locator('tbody tr').all();
		return {
			count: (await this.at('ndv-items-count').last().innerText()).trim(),
			// The last column only fills the width.
			heads: (await texts(table.locator('thead th'))).slice(0, -1),
			rows: await Promise.all(rows.map(async (row) => (await texts(row.locator('td'))).slice(0, -1))),
		};
	}

	/** Shows only the items in the output of the open node that have these words. */
	async searchOutput(words: string): Promise<void> {
		const pane = this.at('output-panel');
		await pane.getByTestId('ndv-search').click();
		await this.page.keyboard.type(words);
		await this.sees(pane.getByText(/^\d+ of \d+ items/));
	}

	/** The names of the nodes on the canvas, once there are this many. Notes are no nodes. */
	async nodesOnCanvas(count: number): Promise<string[]> {
		await this.at('canvas-node')
			.nth(count - 1)
			.waitFor();
		return await namesOf(this.at('canvas-node'));
	}

	/** The nodes on the canvas that have a warning sign, or that n8n does not know. */
	async nodesWithWarning(): Promise<string[]> {
		const sign = this.page.getByTestId('node-issues').or(this.page.getByTestId('node-not-installed'));
		const nodes = this.at('canvas-node').filter({ has: sign });
		return await namesOf(nodes);
	}

	/** Draws the parameters of the open node to the left, so that more of the table is to be seen. */
	async widenOutput(): Promise<void> {
		const handle = await boxOf(this.at('panel-drag-button'));
		await this.page.mouse.move(handle.x + handle.width / 2, handle.y + handle.height / 2);
		await this.page.mouse.down();
		await this.page.mouse.move(0, handle.y, { steps: 5 });
		await this.page.mouse.up();
	}

	/** Closes the form for a credential. */
	async closeCredential(): Promise<void> {
		await this.page.getByRole('dialog').filter({ visible: true }).locator('.el-dialog__headerbtn').click();
		await this.at('credential-edit-dialog').waitFor({ state: 'hidden' });
	}

	/** Closes the open node. */
	async closeNode(): Promise<void> {
		await this.at('ndv-close-button').click();
		await this.at('node-parameters').waitFor({ state: 'hidden' });
	}

	/** Publishes the workflow, for the first time, and waits until n8n says that it is. */
	async publish(): Promise<void> {
		await this.at('workflow-open-publish-modal-button').click();
		await this.at('workflow-publish-button').click();
		await this.sees(this.page.getByText('Workflow published', { exact: true }));
		await this.page.getByRole('button', { name: 'Got it' }).click();
		await this.sees(this.at('workflow-open-publish-modal-button', 'Published'));
	}
}

async function clipOf({ left, top, right, bottom, margin = 0 }: Part) {
	const [w, n, e, s] = await Promise.all([left, top, right, bottom].map(boxOf));
	const [x, y] = [w.x - margin, n.y - margin];
	return { x, y, width: e.x + e.width + margin - x, height: s.y + s.height + margin - y };
}

async function boxOf(element: Locator) {
	const box = await element.boundingBox();
	if (!box) throw new Error(`Not to be seen: ${String(element)}`);
	return box;
}

async function namesOf(nodes: Locator): Promise<string[]> {
	return await nodes.evaluateAll((all) => all.map((node) => String(node.getAttribute('data-node-name'))));
}
