import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { COLUMNS, type Column } from '../nodes/shared/session/columns';
import type { SessionField, RecordKind, JsonRecord } from '../nodes/shared/session/fields';
import { LEFT_OUT } from '../nodes/shared/reports/reimbursement';
import { WARNINGS } from '../nodes/shared/session/warnings';
import { vendors } from '../nodes/vendors';

const RECORD_KINDS = vendors.flatMap(({ recordKinds }) => recordKinds);

const GROUPS: Array<[Column['group'], string, string]> = [
	[undefined, 'Every row', 'Always all of them, in this order.'],
	['address', 'Address', 'With _More Columns: Address_.'],
	['commercial', 'Commercial', 'With _More Columns: Commercial_.'],
	['vehicle', 'Vehicle', 'With _More Columns: Vehicle_.'],
	[
		'driver',
		'Driver',
		'With _Driver Data_: as they are, masked (initials of names, and of IDs at most a third of the characters: the last four, or fewer) or hashed (HMAC-SHA256).',
	],
	[
		'change',
		'Change',
		'With _More Columns: Change_; a trigger on _Session Corrected_ gives the first three in any case.',
	],
];

/** `docs/fields.md`: what each column of a row means and where it comes from, from the tables that the nodes work with. */
export function fieldsDocument(): string {
	const groups = GROUPS.flatMap(([group, title, text]) => [
		`## ${title}`,
		text,
		table(
			['Column', 'Holds', 'Meaning', ...RECORD_KINDS.map(({ name }) => name)],
			COLUMNS.filter((column) => column.group === group).map((column) => [
				`\`${column.name}\``,
				column.unit ? `${column.type}, ${column.unit}` : column.type,
				column.description,
				...RECORD_KINDS.map(({ kind }) => sourcesOf(column, kind)),
			]),
		),
	]);
	return (
		[
			'# Columns of a row',
			'_Output: Simplified_ gives one flat row per session with the same columns for every vendor: numbers as numbers, times in ISO 8601 and UTC, and nothing where the vendor says nothing. What was doubtful has a code in `warnings`.',
			'This page is written by `npm run docs` from the tables that the nodes work with.',
			...groups,
			'## Warnings',
			table(
				['Code', 'Meaning'],
				Object.entries(WARNINGS).map(([code, text]) => [`\`${code}\``, text]),
			),
			'## Not reimbursed',
			'Why _Reimburse_ of the node [EV Charging](ev-charging.md) leaves a session out.',
			table(
				['Reason', 'Meaning'],
				Object.entries(LEFT_OUT).map(([code, text]) => [`\`${code}\``, text]),
			),
		].join('\n\n') + '\n'
	);
}

/** The fields of a vendor's record that a column is made of. */
function sourcesOf({ facts }: Column, kind: RecordKind): string {
	const paths = facts.flatMap((fact) => fieldsOf(kind, fact));
	return [...new Set(paths)].map((path) => `\`${path}\``).join(', ');
}

/**
 * The fields of a record that a fact is read from, the one that counts first in front.
 *
 * They are found out by reading: a record that has every field shows which one is taken, and without that one, which is next.
 */
export function fieldsOf({ read }: RecordKind, fact: SessionField): string[] {
	const found: string[] = [];
	for (;;) {
		const value = read(recordWithout(found))[fact];
		if (value === undefined) return found;
		found.push(pathOf.get(value as JsonRecord) as string);
	}
}

/** Where in its record each of the objects below stands. */
const pathOf = new WeakMap<JsonRecord, string>();

/** An object in which every name stands for such an object again, but for some paths, where nothing stands. */
function recordWithout(missing: string[], names: string[] = []): JsonRecord {
	const tree = new Proxy<JsonRecord>(
		{},
		{
			get: (_, name) => {
				const inner = [...names, String(name)];
				return missing.includes(inner.join('.')) ? undefined : recordWithout(missing, inner);
			},
		},
	);
	pathOf.set(tree, names.join('.'));
	return tree;
}

function table(head: string[], rows: string[][]): string {
	const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

if (require.main === module) writeFileSync(join(__dirname, 'fields.md'), fieldsDocument());
