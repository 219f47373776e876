import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { SpiriiApi } from '../../credentials/SpiriiApi.credentials';
import { VoltTimeApi } from '../../credentials/VoltTimeApi.credentials';
import { EvCharging } from '../../nodes/EvCharging/EvCharging.node';
import { Spirii } from '../../nodes/Spirii/Spirii.node';
import { SpiriiTrigger } from '../../nodes/Spirii/SpiriiTrigger.node';
import { VoltTime } from '../../nodes/VoltTime/VoltTime.node';
import { VoltTimeTrigger } from '../../nodes/VoltTime/VoltTimeTrigger.node';

const ROOT = join(__dirname, '../..');
const nodes = [EvCharging, Spirii, SpiriiTrigger, VoltTime, VoltTimeTrigger].map(
	(Node) => new Node().description,
);
const credentials = [new SpiriiApi(), new VoltTimeApi()];

/** Every text that names something on the canvas. */
function labelsOf(property: INodeProperties | INodePropertyOptions | INodePropertyCollection): string[] {
	const {
		displayName,
		name,
		action,
		options = [],
		values = [],
	} = property as Partial<INodeProperties & INodePropertyOptions & INodePropertyCollection>;
	return [displayName, name, action, ...[...options, ...values].flatMap(labelsOf)].filter(
		(text): text is string => text !== undefined,
	);
}
const canvas = new Set([
	...nodes.flatMap(({ displayName, properties }) => [displayName, ...properties.flatMap(labelsOf)]),
	...credentials.flatMap(({ displayName, properties }) => [displayName, ...properties.flatMap(labelsOf)]),
]);

/** What n8n itself calls so. */
const N8N = [
	...['Actions', 'Add first step', 'Append', 'Authentication', 'Call n8n Workflow Tool', 'Channel'],
	...['Connect to Slack', 'Convert to File', 'Convert to XLSX', 'Credential to connect with', 'Download'],
	...['Execute step', 'Executions', 'Fetch Test Event', 'Filter', 'Header Auth', 'JSON', 'Merge'],
	...['Message Text', 'Publish', 'Schedule Trigger', 'Schema', 'Scope', 'Send a message'],
	...['Send Message To', 'Settings', 'Slack', 'Workflow'],
];

/** Units in brackets are left out in sentences. Of an event "Session Completed" n8n makes the trigger "On session completed". */
const isOnCanvas = (label: string) =>
	canvas.has(label) ||
	N8N.includes(label) ||
	[...canvas].some((name) => label === `On ${name.toLowerCase()}`) ||
	[...canvas].some((name) => name.startsWith(`${label} (`));

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
/** What stands between these marks in the prose of a text, from a capital letter on. */
const between = (marks: RegExp, text: string) =>
	[...text.replace(/```[\s\S]*?```|`[^`]*`|\]\([^)]*\)/g, '').matchAll(marks)].map(([, label]) => label);
const ITALICS = /(?<![\w*])_([A-Z][^_\n]*)_(?!\w)/g;
const ITALICS_OF_NOTE = /(?<!\*)\*([A-Z][^*\n]*)\*(?!\*)/g;
const BOLD = /\*\*([A-Z][^*\n]*)\*\*/g;

/** The labels that each text names. The page that goes click by click has them in bold, with those of n8n. */
const texts: Array<[string, string[]]> = [
	['docs/first-hour.md, in bold', between(BOLD, read('docs/first-hour.md'))],
	...['README.md', 'docs/first-hour.md', 'docs/home-charging.md', 'docs/ev-charging.md'].map(
		(path): [string, string[]] => [path, between(ITALICS, read(path))],
	),
	...readdirSync(join(ROOT, 'examples')).map((file): [string, string[]] => {
		const { nodes: own } = JSON.parse(read(`examples/${file}`)) as {
			nodes: Array<{ type: string; parameters: { content?: string } }>;
		};
		const note = own.find(({ type }) => type.endsWith('stickyNote'))!.parameters.content!;
		return [`examples/${file}`, between(ITALICS_OF_NOTE, note)];
	}),
];

test.each(texts)('%s names nothing on the canvas that is not there', (_, labels) => {
	const parts = labels.flatMap((label) => label.split(': '));
	expect(parts.filter((label) => !isOnCanvas(label))).toEqual([]);
});

test('the texts name many labels', () => {
	expect(texts.flatMap(([, labels]) => labels).length).toBeGreaterThan(100);
});
