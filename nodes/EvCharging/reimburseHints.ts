import { fillerOf, type Asked } from '../shared/node/outputFormatter';
import { countsOf } from '../shared/reports/doubt';
import {
	LEFT_OUT,
	type LeftOut,
	type Reimbursement,
	type ReimbursementSettings,
} from '../shared/reports/reimbursement';
import { cardOf, COLUMN_OF, isHidden, locationsByName, type Selector } from '../shared/reports/selectors';
import { columnOf, labelOfName } from '../shared/session/columnChoice';
import type { SessionRow } from '../shared/session/types';
import { formatValue } from '../shared/util/errors';
import type { SessionsContext } from './operation';
import { counted } from './sessions';

const COLUMNS_OF_IDS = [...new Set(Object.values(COLUMN_OF))];

/** The columns that the settings need and that rows show only where they are asked for. */
export function askedBy(
	{ sites, priceFrom, cards, rates }: ReimbursementSettings,
	rows: SessionRow[],
): Asked[] {
	const kinds = rates.flatMap((rate) => rate.for).filter(({ written }) => written.includes(':'));
	const names: string[] = [
		...(sites === 'marked' ? ['reimbursable'] : []),
		...(priceFrom === 'rates' ? [] : [priceFrom]),
		...(cards === null ? [] : [COLUMN_OF.card]),
		...kinds
			.map((selector) => COLUMN_OF[selector.kinds[0]])
			.filter((name) => columnOf(name)?.group !== undefined),
	];
	return [...new Set(names)].map((name) => {
		const isMasked = rows.some((row) => (row[name] ?? null) !== null && isHidden(row[name]));
		return {
			label: `"${labelOfName(name)}"`,
			names: [name],
			advice: isMasked
				? 'Set "Driver Data" to "Plain" or "Hashed" in the node that reads the sessions.'
				: fillerOf(name),
		};
	});
}

/** A row in which masked values are missing, since no ID can be compared with them. */
export function withoutMasks(row: SessionRow): SessionRow {
	return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, isHidden(cell) ? null : cell]));
}

/** The sites to pay for, with the IDs of locations in place of names. A hint tells them. */
export function namedSites(
	sites: ReimbursementSettings['sites'],
	rows: SessionRow[],
	hint: SessionsContext['hint'],
): ReimbursementSettings['sites'] {
	if (!Array.isArray(sites)) return sites;
	const found = locationsByName(sites, rows);
	for (const [written, locations] of found.names) {
		const name = `${formatValue(written)} in "Site IDs" is the name of`;
		hint(
			locations.length === 1
				? `${name} a location, and is taken for ${locations[0]}. Write the ID, since names change.`
				: `${name} several locations, and is not used. Write ${locations.join(' or ')}.`,
		);
	}
	return found.sites;
}

/** Reasons that have a hint each. */
const REASONS_WITH_OWN_HINT: LeftOut[] = ['doubtful', 'invalid-by-vendor'];

/** Tells what is odd about the statements of a run, with what to do. */
export function addHints(
	rows: SessionRow[],
	{
		statements,
		isAtSites,
		otherCurrencies,
		unclearSites,
		unclearRates,
		unusedSites,
		unusedRates,
	}: Reimbursement,
	{ per, cards, sites }: ReimbursementSettings,
	hint: SessionsContext['hint'],
): void {
	if (rows.length === 0) return;
	if (per !== 'charger' && statements.every(({ statement }) => statement.owner === null)) {
		hint(
			'No session says whose it is. Set "Driver Data" to "Plain" or "Hashed" in the node that reads the sessions, or write statements per charger.',
		);
	}
	const reasons = statements.flatMap(({ sessions }) =>
		sessions.map(({ leftOut }) => leftOut as LeftOut | null),
	);
	const left = reasons.filter((reason) => reason !== null);
	if (!isAtSites) {
		hint(
			sites === 'marked'
				? `0 of ${rows.length} sessions were at a site that the vendor marks for refunds.`
				: `0 of ${rows.length} sessions were at one of the sites to pay for. Check "Site IDs" and "Sites to Pay For".`,
		);
	} else if (!reasons.includes(null) && left.some((reason) => !REASONS_WITH_OWN_HINT.includes(reason))) {
		hint(`0 of ${rows.length} sessions are paid for. Left out: ${countsOf(left)}.`);
	}
	const [recorded, paidIn] = otherCurrencies;
	if (recorded.length > 0) {
		hint(
			`The sessions are in ${recorded.join(' and ')}, the price in ${paidIn.join(' and ')}, and nothing is converted. Check "Price Currency".`,
		);
	}
	for (const [label, unclear] of [
		['"Site IDs"', unclearSites],
		['"For"', unclearRates],
	] as const) {
		for (const [{ written }, meanings] of unclear) {
			const better = meanings.map((meaning) => `${meaning}:${written.split(':').at(-1)}`).join(' or ');
			hint(`${formatValue(written)} in ${label} fits more than one, and is not used. Write ${better}.`);
		}
	}
	const known = new Set(COLUMNS_OF_IDS.filter((name) => rows.some((row) => !isHidden(row[name]))));
	/** As they are written, of those whose IDs the sessions have. Of the others another hint tells the column. */
	const unused = (selectors: Selector[]) => [
		...new Set(
			selectors
				.filter(({ kinds }) => kinds.some((kind) => known.has(COLUMN_OF[kind])))
				.map(({ written }) => written),
		),
	];
	const [noSites, noRates] = [unusedSites, unusedRates].map(unused);
	if (isAtSites && noSites.length > 0) {
		hint(`No session is at ${listed(noSites)}. Check "Site IDs".`);
	}
	if (noRates.length > 0) {
		hint(
			`No session fits these of "For" in the list: ${listed(noRates)}. Check how the sessions write the ID, or remove the lines.`,
		);
	}
	for (const reason of REASONS_WITH_OWN_HINT) {
		const count = left.filter((one) => one === reason).length;
		if (count === 0) continue;
		const option = reason === 'doubtful' ? 'Doubtful Sessions' : 'Sessions Marked as Invalid';
		hint(
			`${counted(count, 'session is', 'sessions are')} left out: ${LEFT_OUT[reason]}. "Include Sessions" names them, and "${option}" pays for them.`,
		);
	}
	const namesOf = (meter: string) =>
		statements
			.filter((one) => one.meter === meter)
			.map(({ statement: { owner, billingMonth } }) => `${owner} in ${billingMonth}`);
	const tooLittle = namesOf('too little');
	if (tooLittle.length > 0) {
		hint(
			`The meter counted less than is paid for ("otherKwh" below zero): ${listed(tooLittle)}. Sessions may be listed twice, or with energy that others have as well. Look at them with "Include Sessions" before you pay.`,
		);
	}
	const backwards = namesOf('backwards');
	if (backwards.length > 0) {
		hint(
			`The meter runs backwards within the month, so no meter is shown: ${listed(backwards)}. It may have been replaced.`,
		);
	}
	const alike = zeroTwins([...rows.map(({ tokenUid }) => cardOf(tokenUid)), ...(cards ?? [])]);
	if (alike.length > 0) {
		hint(`These ID tags differ only in leading zeros, and count as different ones: ${listed(alike)}.`);
	}
}

/** The first of several names. */
export function listed(names: string[]): string {
	const first = names.slice(0, 5).join(', ');
	return names.length > 5 ? `${first} and ${names.length - 5} more` : first;
}

/** `04AA and 4AA`: cards that are the same without their leading zeros. */
function zeroTwins(cards: Array<string | null>): string[] {
	const byRest = new Map<string, Set<string>>();
	for (const card of cards) {
		if (card === null) continue;
		const rest = card.replace(/^0+/, '');
		byRest.set(rest, (byRest.get(rest) ?? new Set()).add(card));
	}
	return [...byRest.values()].filter(({ size }) => size > 1).map((twins) => [...twins].sort().join(' and '));
}

/** Tells what is odd about the statements of earlier runs. */
export function addHintsOnPaid(
	compared: Array<{ statement: SessionRow; current?: unknown; earlier: number[] }>,
	hint: SessionsContext['hint'],
): void {
	const gone = compared.filter(({ current }) => current === undefined).length;
	if (gone > 0) {
		hint(
			`${counted(gone, 'earlier statement is', 'earlier statements are')} withdrawn, since no statement of this run has the ID. Check that the sessions and settings are those of the earlier run.`,
		);
	}
	const repeated = compared.filter(({ earlier }) => earlier.length > 1).length;
	if (repeated > 0) {
		hint(
			`Of ${counted(repeated, 'statement', 'statements')} there are several earlier versions: the last one counts.`,
		);
	}
}
