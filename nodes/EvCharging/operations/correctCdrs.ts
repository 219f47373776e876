import type { IDataObject, INodeExecutionData } from 'n8n-workflow';

import { correctCdr, isCdr, lostValues, sessionIdOf, type SentCdr } from '../../shared/formats/ocpiCredit';
import { toOcpi } from '../../shared/formats/ocpi';
import { ocpiSettingsOf, rowSettingsOf } from '../../shared/node/outputFormatter';
import { driverData, ocpiVersion, sessionSettings } from '../../shared/node/properties/output';
import type { SessionsOperation } from '../operation';
import { CDR_GROUPS, counted, recordKind, sessionsOf } from '../sessions';

/** Compares sessions with the CDRs that were sent, and makes credit CDRs and new CDRs of those that changed. */
export const correctCdrs: SessionsOperation = {
	value: 'correctCdrs',
	name: 'Correct CDRs',
	action: 'Correct CDRs that were sent',
	description: 'Write a credit CDR and a new CDR for each session that has changed since its CDR was sent',
	properties: [recordKind, ...[ocpiVersion, driverData, sessionSettings].map(withoutOutput)],
	run: ({ items, forAll, hint }) => {
		const given = forAll();
		const settings = ocpiSettingsOf(given.values);
		const sent = new Map<string, Array<{ cdr: SentCdr; item: number }>>();
		const others: number[] = [];
		items.forEach(({ json }, item) => {
			if (!isCdr(json)) return others.push(item);
			const key = cdrKey(json);
			return sent.set(key, [...(sent.get(key) ?? []), { cdr: json, item }]);
		});
		const { rows, itemIndexes } = sessionsOf(
			others.map((item) => items[item]),
			given,
			hint,
			rowSettingsOf(given, CDR_GROUPS),
		);
		const counts = { running: 0, unchanged: 0, first: 0 };
		const lacking: string[] = [];
		const output = rows.flatMap((row, index): INodeExecutionData[] => {
			// A session that runs again has lost the end that was sent.
			const current = toOcpi({ ...row, status: 'completed' }, settings);
			const versions = sent.get(cdrKey(current)) ?? [];
			if (row.status === 'ongoing' && versions.length === 0) {
				counts.running++;
				return [];
			}
			const known = versions.map(({ cdr }) => cdr);
			const cdrs = correctCdr(known, current);
			const lost = lostValues(known, current);
			if (lost.length > 0)
				lacking.push(`${sessionIdOf(current)}: ${[...lost, ...current._warnings].join(', ')}`);
			else if (cdrs.length === 0) counts.unchanged++;
			else if (versions.length === 0) counts.first++;
			const pairedItem = [others[itemIndexes[index]], ...versions.map(({ item }) => item)].map((item) => ({
				item,
			}));
			return cdrs.map((cdr) => ({ json: cdr as IDataObject, pairedItem }));
		});
		const { running, unchanged, first } = counts;
		if (running > 0) hint(`${counted(running, 'session is', 'sessions are')} still running, and left out.`);
		if (unchanged > 0)
			hint(`${counted(unchanged, 'session is', 'sessions are')} as in the CDR that was sent, and left out.`);
		if (first > 0)
			hint(
				`${counted(first, 'session has', 'sessions have')} no CDR among the items: their first CDR is written.`,
			);
		if (lacking.length > 0) {
			const more = lacking.length > 5 ? ` and ${lacking.length - 5} more` : '';
			hint(
				`${counted(lacking.length, 'session no longer has', 'sessions no longer have')} a value that was sent (${lacking.slice(0, 5).join('; ')}${more}): a credit CDR takes the sent one back, and no new CDR is written until the value is known. Ask the vendor for it, and run this again with the credit CDR.`,
			);
		}
		return output;
	},
};

function cdrKey(cdr: Record<string, unknown>): string {
	return [cdr.country_code, cdr.party_id, sessionIdOf(cdr)].join('*');
}

/** The property without its dependency on "Output", which this operation does not have. */
function withoutOutput(property: typeof driverData): typeof driverData {
	return { ...property, displayOptions: {} };
}
