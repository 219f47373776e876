import type { INodeProperties } from 'n8n-workflow';

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
