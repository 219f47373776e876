import { updateDisplayOptions, type INodeProperties } from 'n8n-workflow';

import { optionsOf } from '../lists';
import { checkRouting } from '../../parameters/checkRouting';
import { notice } from '../../parameters/notice';
import { propertyList, type ValuesOf } from '../../parameters/typedValues';
import { outputProperties } from './output';
import type { TriggerSource } from '../triggerSource';

/** The first parameters of every trigger. */
export const commonProperties = propertyList([
	{
		displayName: 'Trigger On',
		name: 'event',
		type: 'options',
		noDataExpression: true,
		options: [
			{
				name: 'Session Completed',
				value: 'completed',
				description: 'Each session once, when it has ended',
			},
			{
				name: 'Session Started',
				value: 'started',
				description: 'Each session once, when it is seen running for the first time',
			},
			{
				name: 'Session Corrected',
				value: 'corrected',
				description: 'Each new version of a session that had ended, with what changed',
			},
			{
				name: 'Session Changed',
				value: 'changed',
				description: 'Each new version of a session, the first one included',
			},
		],
		default: 'completed',
	},
]);

const testEventNotice = notice(
	'testEventNotice',
	'A test event has null in changedFields, energyDeltaKwh and amountDelta. Only a published workflow knows the earlier version.',
	{ show: { event: ['corrected'] } },
);

/** The parameters for the start of the very first scan. */
export const firstRun = propertyList([
	{
		displayName: 'First Run',
		name: 'firstRun',
		type: 'options',
		noDataExpression: true,
		options: [
			{ name: 'From Now', value: 'now', description: 'Only sessions from the first poll on' },
			{ name: 'Since a Date', value: 'date', description: 'Begin at a date' },
			{ name: 'Last N Days', value: 'days', description: 'Begin some days ago' },
			{ name: 'All History', value: 'all', description: 'Begin with the oldest session' },
		],
		default: 'now',
		description:
			'Where the trigger begins when the workflow is published for the first time. If you change it later, the trigger begins again.',
	},
	{
		displayName: 'Since',
		name: 'firstRunDate',
		type: 'dateTime',
		required: true,
		displayOptions: { show: { firstRun: ['date'] } },
		default: '',
		description:
			'Where to begin, in the time zone of the workflow. A date without a time means 00:00 of that day.',
	},
	{
		displayName: 'Days',
		name: 'firstRunDays',
		type: 'number',
		required: true,
		displayOptions: { show: { firstRun: ['days'] } },
		typeOptions: { minValue: 1, maxValue: 3650, numberPrecision: 0 },
		default: 7,
		description: 'How many days back to begin',
	},
]);

const pollOptions = propertyList([
	{
		displayName: 'Deep Lookback Window (Days)',
		name: 'deepLookbackDays',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 31, numberPrecision: 0 },
		default: 3,
		description:
			'How far back the trigger reads once a day, to find sessions and corrections that show up days late. A delivered session does not come again within that time. Raise it if late sessions are missing.',
	},
	{
		displayName: 'Lookback Window (Hours)',
		name: 'lookbackHours',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 168, numberPrecision: 0 },
		default: 1,
		description:
			'How far back each poll reads again, to find sessions that show up late. Raise it if late sessions come only after a day.',
	},
	{
		displayName: 'Max Records per Poll',
		name: 'maxRecords',
		type: 'number',
		typeOptions: { minValue: 1, maxValue: 100_000, numberPrecision: 0 },
		default: 10_000,
		description:
			'A poll that has delivered this many records ends with its current page. The next poll continues from there.',
	},
]);

/** The values of the parameters that every trigger has. */
export type TriggerValues = ValuesOf<typeof commonProperties> &
	ValuesOf<typeof firstRun> &
	Partial<ValuesOf<typeof pollOptions>>;

/** The parameters of one source, in the order of the canvas. */
export function propertiesOf(source: TriggerSource): INodeProperties[] {
	return [
		...commonProperties,
		testEventNotice,
		...source.properties,
		...firstRun,
		...outputProperties,
		optionsOf(...pollOptions, ...source.fetchOptions),
	];
}

/**
 * The properties of a trigger node. Where there are several sources, the user picks one and sees only its properties.
 *
 * @param sources The first one is the default.
 * @throws Error for an unsupported `routing`.
 */
export function triggerProperties(sources: TriggerSource[]): INodeProperties[] {
	for (const source of sources) checkRouting(propertiesOf(source), source.encode);
	if (sources.length === 1) return propertiesOf(sources[0]);
	const [{ value: first }] = sources;
	const forEach = (own: (source: TriggerSource) => INodeProperties[]) =>
		sources.flatMap((source) => updateDisplayOptions({ show: { source: [source.value] } }, own(source)));
	return [
		...commonProperties,
		testEventNotice,
		{
			displayName: 'Source',
			name: 'source',
			type: 'options',
			noDataExpression: true,
			options: sources.map(({ value, name, description }) => ({ value, name, description })),
			default: first,
			description: 'Which list of sessions to watch',
		},
		...forEach((source) => source.properties),
		...firstRun,
		...outputProperties,
		...forEach((source) => [optionsOf(...pollOptions, ...source.fetchOptions)]),
	];
}
