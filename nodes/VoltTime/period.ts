import type { IDisplayOptions, INodeProperties } from 'n8n-workflow';

import { notice } from '../shared/parameters/notice';
import { periodProperties } from '../shared/parameters/period';
import { propertyList } from '../shared/parameters/typedValues';

export const DAY_MS = 24 * 3600 * 1000;

/** "Period" of Volt Time's lists of sessions. No list has the time of the last update for all sessions, so it cannot be chosen. */
export const period: INodeProperties[] = periodProperties('end', 'start').map((property) =>
	property.name === 'periodBy'
		? {
				...property,
				description:
					'Which time of a session lies in the period. A session that still runs has no end yet, so by the end it is in no period.',
			}
		: property,
);

/** The lists that have no bounds of the end are read from {@link longestSession} before the period on. */
export const longestNotice = (show: IDisplayOptions['show'] = {}): INodeProperties =>
	notice(
		'longestNotice',
		'A session that lasted longer than "Longest Session" (7 days unless set in the options) can be missing.',
		{ show: { ...show, periodBy: ['end'] }, hide: { period: ['all'] } },
	);

export const [longestSession] = propertyList([
	{
		displayName: 'Longest Session (Days)',
		name: 'longestSession',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 366, numberPrecision: 0 },
		default: 7,
		description:
			'How long a session of a site or charger can last. By the end of the session, one that began longer before the period is missed. A list that is too long for one response is read in parts by it.',
	},
]);
