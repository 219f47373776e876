import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { emptyFields, fillerOf, groupLabel, type Asked } from '../shared/node/outputFormatter';
import { columnOf, labelOfName, withColumnNames } from '../shared/session/columnChoice';
import { isRow } from '../shared/session/readRow';

/** The columns that OCPI is made of and that every full row has. */
export const OCPI_COLUMNS =
	'startedAt endedAt energyKwh amountInclVat currency locationName evseId status amountExclVat vatRatePct durationSeconds city country chargingSeconds idleSeconds updatedAt locationId connectorId sessionId'.split(
		' ',
	);

/** Whether an item has a column, and whether rows are among the items. */
interface Input {
	hasRows: boolean;
	has: (name: string) => boolean;
}

/** What the rows among the items hold. */
function inputOf(items: INodeExecutionData[]): Input {
	const rows = items.filter(({ json }) => isRow(json)).map(({ json }) => withColumnNames(json));
	return { hasRows: rows.length > 0, has: (name) => rows.some((row) => Object.hasOwn(row, name)) };
}

/** Tells which columns the rows that come in do not show, of those that are needed. */
export function hintAtMissing(
	items: INodeExecutionData[],
	needed: string[],
	hint: (message: string) => void,
): void {
	const keyless = items.filter(({ json }) => lacksKey(withColumnNames(json))).length;
	if (keyless > 0) {
		hint(
			`${keyless} of the items that come in look like rows without the column Session Key, by which the node knows a session. Add it to "Column Names" in the node that reads the sessions.`,
		);
	}
	const { hasRows, has } = inputOf(items);
	if (!hasRows) return;
	// What a vendor says against a session stands nowhere else.
	const always = has('warnings') ? [] : ['warnings'];
	const isOfAll = OF_ALL.every(has);
	const missing = [...new Set([...(isOfAll ? [] : needed), ...always])].filter(
		(name) => columnOf(name)?.group === undefined && !has(name) && !IN_KEY.has(name),
	);
	if (missing.length === 0) return;
	hint(
		`The rows that come in lack ${missing.map(labelOfName).join(', ')}, so nothing is known of these. Set "Columns" to All in the node that reads the sessions.`,
	);
}

/** Whether an item has columns of a row, and is neither a row with its key nor a sum of sessions. */
function lacksKey(json: IDataObject): boolean {
	const isKnown = 'sessionKey' in json || 'sessions' in json;
	return !isKnown && ('energyKwh' in json || 'amountInclVat' in json);
}

/** Columns that no choice but All has, and that records fill: a file without its empty cells shows by them that it is of All. */
const OF_ALL = ['updatedAt', 'connectorId'];

/** Columns that are read from the key of the session, or made from others. */
const IN_KEY = new Set(['sessionId', 'billingMonth']);

/** Tells which of the columns are empty in all rows, and which setting fills them. */
export function hintAtEmpty(
	items: INodeExecutionData[],
	rows: IDataObject[],
	asked: Asked[],
	hint: (message: string) => void,
): void {
	const { hasRows, has } = inputOf(items);
	const { see, hints } = emptyFields(
		asked.map((one) => {
			const [name] = one.names;
			const isAbsent = hasRows && !one.names.some(has);
			return isAbsent ? { ...one, advice: shownBy(name) } : one;
		}),
	);
	see(rows);
	for (const message of hints()) hint(message);
}

/** The setting of the node before that shows a column. */
function shownBy(name: string): string {
	const group = columnOf(name)?.group;
	const where = 'in the node that reads the sessions.';
	if (group === undefined) return `Set "Columns" to All ${where}`;
	if (group === 'change') return fillerOf(name);
	if (group === 'driver') return `Set "Driver Data" ${where}`;
	return `Add "${groupLabel(group)}" to "More Columns" ${where}`;
}
