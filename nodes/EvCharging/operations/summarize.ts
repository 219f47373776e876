import type { INodeProperties } from 'n8n-workflow';

import { fillerOf } from '../../shared/node/outputFormatter';
import { InputError, formatValue } from '../../shared/util/errors';
import { isHidden } from '../../shared/reports/selectors';
import { summarize as summarizeRows, type KeptApart } from '../../shared/reports/summary';
import { PERSONAL_COLUMNS } from '../../shared/session/cells';
import { countsOf, isDoubtful, isInvalid } from '../../shared/reports/doubt';
import { columnOf, labelOfName } from '../../shared/session/columnChoice';
import type { Group, SessionRow } from '../../shared/session/types';
import { doubtsIn } from '../../shared/session/warnings';
import { hintAtEmpty, hintAtMissing } from '../columnHints';
import { moneySettings, type SessionsOperation } from '../operation';
import { counted as countOf, recordKind, sessionsOf } from '../sessions';

/** The columns to group by. */
const GROUPED_BY =
	'billingMonth chargerId chargerName city companyId companyName connectorId contractId costCenter country customerCompanyId customerCompanyName customerErpId driverId driverName evseId isRoaming localDate locationId locationName paymentStatus reimbursable roamingPartner source tariffName tokenLabel tokenUid voucherCode'.split(
		' ',
	);

/** Which setting of the node that reads the sessions fills a column of the group. */
const FILLED_BY: Partial<Record<Group, string>> = {
	driver: 'In rows that were read with Driver Data',
	commercial: 'In rows that were read with More Columns: Billing Details',
};

/** What else is to be known before grouping by a column. */
const NOTES: Record<string, string> = {
	companyName: 'Not the customer: the operator that owns the record at Spirii, the team at Volt Time',
};

const groupBy: INodeProperties = {
	displayName: 'Group By',
	name: 'groupBy',
	type: 'multiOptions',
	options: GROUPED_BY.map((value) => ({
		name: labelOfName(value),
		value,
		description: NOTES[value] ?? FILLED_BY[columnOf(value)?.group ?? 'origin'],
	})).sort((one, other) => (one.name < other.name ? -1 : 1)),
	default: ['billingMonth'],
	description:
		'What to make a line for. Each currency and VAT rate has a line of its own, unless you add the option "Keep Apart".',
};

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Doubtful Sessions',
			name: 'doubtfulSessions',
			type: 'options',
			options: [
				{ name: 'Add Up', value: 'count' },
				{ name: 'Leave Out', value: 'leaveOut' },
			],
			default: 'count',
			description:
				'What to do with sessions that contradict themselves in energy or time, or overlap with another. Each line counts them in sessionsDoubtful.',
		},
		{
			displayName: 'Include Running Sessions',
			name: 'includeRunning',
			type: 'boolean',
			default: false,
			description: 'Whether to count sessions that have not ended: what they cost is not final',
		},
		{
			displayName: 'Keep Apart',
			name: 'keepApart',
			type: 'options',
			options: [
				{
					name: 'Currencies',
					value: 'currency',
					description: 'Amounts of all VAT rates of a currency are in one line',
				},
				{ name: 'Currencies and VAT Rates', value: 'currencyAndVat' },
				{
					name: 'Nothing, Without Amounts',
					value: 'nothing',
					description: 'One line for each group, with sessions, kWh and times',
				},
			],
			default: 'currencyAndVat',
			description: 'What has a line of its own in each group. Amounts in different currencies do not add up.',
		},
		{
			displayName: 'Sessions Marked as Invalid',
			name: 'invalidSessions',
			type: 'options',
			options: [
				{ name: 'Add Up', value: 'count' },
				{ name: 'Leave Out', value: 'leaveOut' },
			],
			default: 'leaveOut',
			description:
				'What to do with sessions that the vendor marks as not valid. Each line counts them in sessionsInvalid.',
		},
	],
};

/** Sums up sessions per group, currency and VAT rate. Each sum is one item, paired with the items of its sessions. */
export const summarize: SessionsOperation = {
	value: 'summarize',
	name: 'Summarize',
	action: 'Summarize sessions',
	description:
		'Add up sessions, energy and amounts to the cent, per month, company, location or other columns',
	properties: [recordKind, groupBy, moneySettings, options],
	run: ({ items, forAll, hint }) => {
		const given = forAll();
		const { values } = given;
		const { rows, itemIndexes } = sessionsOf(items, given, hint);
		const counted = rows
			.map((row, index) => ({ row, itemIndex: itemIndexes[index] }))
			.filter(({ row }) => values.includeRunning || row.status !== 'ongoing');
		if (counted.length < rows.length) {
			const running = countOf(rows.length - counted.length, 'session is', 'sessions are');
			hint(
				counted.length > 0
					? `${running} still running and left out.`
					: `0 of ${rows.length} sessions have ended, so there is nothing to add up. To count running ones, add the option "Include Running Sessions".`,
			);
		}
		const reasonOf = (row: SessionRow) =>
			isInvalid(row) && values.invalidSessions !== 'count'
				? 'marked as not valid by the vendor'
				: isDoubtful(row) && values.doubtfulSessions === 'leaveOut'
					? 'doubtful'
					: undefined;
		const summedUp = counted.map(({ row }) => row);
		const reasons = summedUp.map(reasonOf);
		for (const reason of new Set(reasons)) {
			if (reason === undefined) continue;
			const left = reasons.filter((one) => one === reason).length;
			hint(
				`${countOf(left, 'session is', 'sessions are')} ${reason}, and left out of the sums. The lines count them in sessionsLeftOut.`,
			);
		}
		const added = summedUp.filter((row, index) => reasons[index] === undefined && isDoubtful(row));
		if (added.length > 0 && values.doubtfulSessions !== 'count') {
			hint(
				`${countOf(added.length, 'session is', 'sessions are')} doubtful, and added up (${countsOf(added.flatMap(({ warnings }) => doubtsIn(warnings)))}). The lines count them in sessionsDoubtful. To leave them out, add the option "Doubtful Sessions".`,
			);
		}
		const columns = columnsToGroupBy(values.groupBy);
		const keepApart = keptApart(values.keepApart);
		hintAtMissing(items, keepApart === 'nothing' ? SUMMED : [...SUMMED, ...SUMMED_MONEY], hint);
		const asked = columns.map((name) => ({
			label: `"${labelOfName(name)}"`,
			names: [name],
			advice: fillerOf(name),
		}));
		hintAtEmpty(items, rows, asked, hint);
		const masked = columns.filter((name) => PEOPLE.includes(name) && rows.some(isMasked));
		if (masked.length > 0) {
			hint(
				`${masked.map((name) => `"${labelOfName(name)}"`).join(', ')} ${masked.length === 1 ? 'is' : 'are'} masked in the rows that come in, so a line can be of several people. Set "Driver Data" to "Plain" or "Hashed" in the node that reads the sessions.`,
			);
		}
		const isSummed = (row: SessionRow) => reasonOf(row) === undefined;
		return summarizeRows(summedUp, columns, { isSummed, keepApart }).map(({ totals, members }) => ({
			json: totals,
			pairedItem: members.map((index) => ({ item: counted[index].itemIndex })),
		}));
	},
};

/** The columns that sums are made of, besides those of "Group By". */
const SUMMED = 'energyKwh status startedAt endedAt durationSeconds chargingSeconds idleSeconds'.split(' ');
const SUMMED_MONEY = 'amountInclVat amountExclVat vatAmount vatRatePct currency'.split(' ');

/** The columns that tell people and their ID tags. A payment card is always masked. */
const PEOPLE: readonly string[] = PERSONAL_COLUMNS.filter((name) => name !== 'paymentCard');

/** Whether the driver of a row is masked. */
function isMasked(row: SessionRow): boolean {
	return PEOPLE.some((name) => (row[name] ?? null) !== null && isHidden(row[name]));
}

function keptApart(given: unknown): KeptApart {
	return given === 'currency' || given === 'nothing' ? given : 'currencyAndVat';
}

function columnsToGroupBy(given: unknown): string[] {
	const chosen = (given ?? []) as string[];
	const unknown = chosen.find((name) => !GROUPED_BY.includes(name));
	if (unknown === undefined) return chosen;
	throw new InputError(
		`"Group By" names ${formatValue(unknown)}, which sessions cannot be grouped by`,
		`Use any of ${GROUPED_BY.join(', ')}.`,
	);
}
