import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { COLUMNS, type Column } from '../nodes/shared/session/columns';
import type { SessionField, RecordKind, JsonRecord } from '../nodes/shared/session/fields';
import { LEFT_OUT } from '../nodes/shared/reports/reimbursement';
import { WARNINGS } from '../nodes/shared/session/warnings';
import { vendors } from '../nodes/vendors';

const RECORD_KINDS = vendors.flatMap(({ recordKinds }) => recordKinds);

const GROUPS: Array<[Column['group'], string, string]> = [
	[
		undefined,
		'Every row',
		'Every row has all of these columns, in this order; those that are added by a setting stand between them.',
	],
	['address', 'Address', 'With _More Columns: Address_.'],
	['commercial', 'Billing Details', 'With _More Columns: Billing Details_.'],
	['vehicle', 'Vehicle and CO2', 'With _More Columns: Vehicle and CO2_.'],
	[
		'origin',
		'Vendor and Endpoint',
		'With _More Columns: Vendor and Endpoint_. In all rows of a list they are the same, and the vendor also begins `sessionKey`. `source` is also in _Columns: Billing_.',
	],
	[
		'driver',
		'Driver',
		'With _Driver Data_: plain, masked (initials of names, and of IDs at most a third of the characters: the last four, or fewer) or hashed (HMAC-SHA256).',
	],
	[
		'change',
		'Change',
		'With _More Columns: Change Detection_; a trigger on _Session Corrected_ gives the first three in any case.',
	],
];

/** Writes `docs/fields.md`: the meaning and the source of each column of a row, from the tables that the nodes use. */
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
			'_Output: Simplified_ gives one flat row per session with the same columns for every vendor: numbers as numbers, times in ISO 8601 and UTC. A value that the vendor does not send is null. Doubtful values have a code in `warnings`.',
			'`npm run docs` writes this page from the tables that the nodes use.',
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

/** The fields of a vendor's record that a column is read from. */
function sourcesOf({ facts }: Column, kind: RecordKind): string {
	const paths = facts.flatMap((fact) => fieldsOf(kind, fact));
	return [...new Set(paths)].map((path) => `\`${path}\``).join(', ');
}

/**
 * The fields of a record that a session field is read from, in order of precedence.
 *
 * `read` gets a record that has every field, and its result shows which field was read. Then that field is removed and `read` is
 * called again, until it finds nothing.
 */
export function fieldsOf({ read }: RecordKind, fact: SessionField): string[] {
	const found: string[] = [];
	for (;;) {
		const value = read(recordWithout(found))[fact];
		if (value === undefined) return found;
		found.push(pathOf.get(value as JsonRecord) as string);
	}
}

/** The path of each object of {@link recordWithout} in its record. */
const pathOf = new WeakMap<JsonRecord, string>();

/** An object that has every property, at any depth, except for the missing paths. */
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
