import {
	NodeOperationError,
	type IDataObject,
	type IGetNodeParameterOptions,
	type INodeExecutionData,
	type IPollFunctions,
} from 'n8n-workflow';

import { poll, type Plan, type PollResult } from '../sync/scan';
import type { Source } from '../sync/source';
import { digest, fieldsMark } from '../sync/snapshot';
import { readState, writeState } from '../sync/state';
import { isObject } from '../http/response';
import { checkChoice, fillPath, readParameters, type Parameters } from '../parameters/parameters';
import { DEFAULT_TIMEOUT_S, openClient } from './client';
import { toNodeError } from './execute';
import type { RequestValues } from './lists';
import { fillerOf, outputFormatter, type OutputFormatter } from './outputFormatter';
import type { Vendor } from './operation';
import { parameterSource } from './parameterSource';
import { commonProperties, firstRun, propertiesOf, type TriggerValues } from './properties/trigger';
import type { TriggerSource } from './triggerSource';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Used where n8n does not report how long a poll may take (before 2.38). */
const ASSUMED_BUDGET_MS = 30_000;
/** Pages are requested in the first 70 % of that time. A response, with its retries, may take until 90 %. */
const SHARE_FOR_PAGES = 0.7;
const SHARE_FOR_RESPONSES = 0.9;

/** A manual run shows at most this many records, out of the newest ones. */
const MAX_PREVIEW_RECORDS = 5;
const MAX_NEWEST_RECORDS = 100;

/** Nodes that are being polled in this process. A second poll of such a node does nothing. */
const beingPolled = new Set<string>();

/** A stored position with which a poll of this process began. */
interface UsedPosition {
	/** When that poll ended; the end of a later poll, where that one delivered records. Milliseconds since 1970. */
	usedAtMs: number;
	/** Whether that poll or a later one delivered records. */
	isOutdated: boolean;
}

/**
 * The positions with which polls began in the last minute and a half, for each node, by fingerprint.
 *
 * With durable cursors n8n copies the position before a poll begins, and stores the new one after the poll has ended, without
 * comparing them (n8n 2.41.1). Other polls can end in between: on a busy machine, storing took 11 s. A poll that has an
 * outdated copy would deliver the same sessions again, so it does nothing.
 */
const usedPositions = new Map<string, Map<string, UsedPosition>>();

/**
 * The oldest that a copy can be: n8n leases a poll for 60 s, looks for expired leases every 30 s, and stores nothing for a poll
 * that has lost its lease. A position that comes back later was not replaced, because n8n failed to store the next one. It is
 * used again.
 */
const MAX_COPY_AGE_MS = 90_000;

/**
 * Positions after a first poll that delivered nothing. With durable cursors n8n drops the position of the poll at activation,
 * so "From Now" would begin with the poll after it.
 */
const firstPositions = new Map<string, string>();

/**
 * Polls one trigger node. n8n calls this at each poll time, once at activation, and for a manual run.
 *
 * @returns The items, or null where nothing is new.
 */
export async function pollSources(
	context: IPollFunctions,
	vendor: Vendor,
	sources: TriggerSource[],
): Promise<INodeExecutionData[][] | null> {
	const isManual = context.getMode() === 'manual';
	const work = isManual ? previewNewest : pollLive;
	return await work(context, vendor, sources).catch((error: unknown) => {
		throw toNodeError(context.getNode(), error);
	});
}

/** Returns a few real records to build the workflow with. The position of the live trigger is neither read nor written. */
async function previewNewest(
	context: IPollFunctions,
	vendor: Vendor,
	sources: TriggerSource[],
): Promise<INodeExecutionData[][]> {
	const { source, plan, writer } = await openSource(context, vendor, sources);
	const records = await source.newest(MAX_NEWEST_RECORDS);
	const nameless = records.filter((record) => !source.describe(record)).length;
	if (nameless > 0)
		context.logger.warn(`${context.getNode().name}: skipped ${nameless} records without an id`);
	const fitting = records.filter((record) => {
		const snapshot = source.describe(record);
		if (!snapshot) return false;
		const isRunning = snapshot.endedAt === undefined;
		return plan.event === 'changed' || isRunning === (plan.event === 'started');
	});
	if (fitting.length === 0) {
		throw new NodeOperationError(context.getNode(), 'There is no session to show yet', {
			description:
				'None of the newest sessions matches the event and the filters. The trigger will run as soon as one does.',
		});
	}
	const change = { changedFields: null, energyDeltaKwh: null, amountDelta: null };
	const corrected = plan.event === 'corrected';
	const preview = fitting
		.slice(0, MAX_PREVIEW_RECORDS)
		.map((record) => ({ record, change: corrected ? change : undefined }));
	const items = toItems(await completed(source, preview), writer);
	reportEmpty(context.logger, context.getNode().name, plan, writer);
	return [items];
}

async function pollLive(
	context: IPollFunctions,
	vendor: Vendor,
	sources: TriggerSource[],
): Promise<INodeExecutionData[][] | null> {
	const { logger } = context;
	const { name } = context.getNode();
	const staticData = context.getWorkflowStaticData('node');
	const stored = JSON.stringify(staticData.position) as string | undefined;
	const begun = Date.now();
	// The name is part of the key: n8n stores positions by name, and n8n 1 accepts two nodes with one id.
	const nodeKey = JSON.stringify([context.getWorkflow().id, context.getNode().id, name]);
	const position = digest(stored, 16);
	const used = usedPositions.get(nodeKey) ?? new Map<string, UsedPosition>();
	usedPositions.set(nodeKey, used);
	if (beingPolled.has(nodeKey) || isOutdated(position, used, begun)) {
		logger.debug(`${name}: another poll is under way or has just ended, so this one does nothing`);
		return null;
	}
	beingPolled.add(nodeKey);
	try {
		const budgetMs = context.getPollBudgetMs?.() ?? ASSUMED_BUDGET_MS;
		const { source, plan, writer } = await openSource(
			context,
			vendor,
			sources,
			begun + budgetMs * SHARE_FOR_RESPONSES,
		);

		const begins = stored ?? firstPositions.get(nodeKey);
		const { state, reset } = readState(begins && JSON.parse(begins), {
			settings: plan.settings,
			fieldsMark: plan.fieldsMark,
			event: plan.event,
			lists: source.lists.map(({ key }) => key),
		});
		if (reset) logger.warn(`${name}: the trigger starts over: ${reset}`);
		const result = await poll(source, plan, state, {
			now: Date.now,
			hasTime: () => Date.now() - begun < budgetMs * SHARE_FOR_PAGES,
		});

		const deliveries = await completed(source, result.deliveries);
		// Two polls of a node can overlap where several n8n processes hold its data. The poll that ends first counts.
		if (JSON.stringify(staticData.position) !== stored) {
			logger.debug(`${name}: another poll ended before this one, so this one is not used`);
			return null;
		}
		report(logger, name, result);
		const items = toItems(deliveries, writer);
		reportEmpty(logger, name, plan, writer);
		staticData.position = writeState(result.state, plan.event);
		firstPositions.delete(nodeKey);
		noteUsed(position, used, items.length > 0);
		if (items.length === 0) {
			if (stored === undefined) firstPositions.set(nodeKey, JSON.stringify(staticData.position));
			return null;
		}
		return [items];
	} finally {
		beingPolled.delete(nodeKey);
	}
}

/** Whether a poll of this process that began at this position, or a later one, has delivered records. */
function isOutdated(position: string, used: Map<string, UsedPosition>, nowMs: number): boolean {
	for (const [fingerprint, { usedAtMs }] of used) {
		if (nowMs - usedAtMs >= MAX_COPY_AGE_MS) used.delete(fingerprint);
	}
	return used.get(position)?.isOutdated ?? false;
}

/** Records that the poll of a position has ended. If it delivered records, all positions before it are outdated. */
function noteUsed(position: string, used: Map<string, UsedPosition>, hasDelivered: boolean): void {
	const usedAtMs = Date.now();
	used.set(position, { usedAtMs, isOutdated: false });
	if (!hasDelivered) return;
	for (const fingerprint of used.keys()) used.set(fingerprint, { usedAtMs, isOutdated: true });
}

/**
 * Logs how many records are new and how far the scan got, so that a quiet trigger differs from a dead one; and why a poll ended
 * early.
 */
function report(logger: IPollFunctions['logger'], name: string, result: PollResult<IDataObject>): void {
	const { deliveries, read, state, failure, shortenedTo, beginsToForget, old, nameless, notices } = result;
	const counts = `${deliveries.length} of ${read} records are new`;
	const rest = state.scan
		? 'more is waiting for the next poll'
		: `all is read up to ${new Date(state.watermark).toISOString()}`;
	logger.debug(`${name}: ${counts}, ${rest}`);
	for (const notice of notices) logger.warn(`${name}: ${notice}`);
	if (failure) {
		logger.warn(`${name}: ended early, the next poll goes on from there: ${failure.message}`);
	}
	if (shortenedTo !== undefined) {
		const hours = Math.floor(shortenedTo / HOUR_MS);
		logger.warn(
			`${name}: too many sessions for the deep lookback window, it now looks back ${hours} hours at most`,
		);
	}
	if (beginsToForget) {
		logger.warn(
			`${name}: there are more sessions than the trigger can remember, it forgets the oldest. From now on it delivers no correction or version of a session that it does not remember`,
		);
	}
	if (old.count > 0) {
		logger.warn(
			`${name}: ${old.count} updated sessions were not delivered, for example ${String(old.example)}: they ended before the trigger began or before the oldest session that it remembers`,
		);
	}
	if (nameless.count > 0) {
		logger.warn(
			`${name}: skipped ${nameless.count === 1 ? 'one record' : `${nameless.count} records`} without an id, for example: ${nameless.example}. Report it to the vendor`,
		);
	}
}

/** Logs which of the asked-for fields are empty in all delivered records, and in how many, since n8n shows no hints for polls. */
function reportEmpty(
	logger: IPollFunctions['logger'],
	name: string,
	{ event }: Plan,
	{ hints }: OutputFormatter,
): void {
	for (const message of hints?.(false) ?? []) {
		// The columns of a change are added to the formatted records.
		const isAdded = event === 'corrected' && message.endsWith(fillerOf('changedFields'));
		if (!isAdded) logger.info(`${name}: ${message}`);
	}
}

async function openSource(
	context: IPollFunctions,
	vendor: Vendor,
	sources: TriggerSource[],
	deadline?: number,
): Promise<{ source: Source<IDataObject>; plan: Plan; writer: OutputFormatter }> {
	const node = context.getNode();
	const read = (name: string, options?: IGetNodeParameterOptions) =>
		context.getNodeParameter(name, null, options) as unknown;
	const chosen = chosenSource(sources, read);
	const { formatDate } = vendor;
	const timezone = context.getTimezone();
	const parameters = readParameters(propertiesOf(chosen), parameterSource(node, read), {
		timezone,
		formatDate,
		encode: chosen.encode,
	});
	for (const rule of chosen.rules ?? []) rule(parameters);
	// n8n shows no hints for polls, not even in a manual run (n8n-core 2.41.1).
	for (const label of parameters.blankFilters) {
		context.logger.warn(`${node.name}: the filter "${label}" was left blank and is not applied`);
	}
	const { query, body } = parameters;
	const values = parameters.values as Parameters['values'] & TriggerValues & RequestValues & PageValues;
	const path = fillPath(chosen.endpoint.path, parameters);

	const client = await openClient(context, vendor, {
		timeoutSeconds: values.timeout ?? DEFAULT_TIMEOUT_S,
		deadline,
	});
	const { event } = values;
	const source = chosen.open({
		endpoint: chosen.endpoint,
		event,
		values,
		request: { path, query, body },
		pageSize: values.pageSize ?? chosen.endpoint.pageSize,
		getJson: client.getJson,
		clock: client.clock,
		redact: client.redact,
		once: client.once,
		baseUrl: client.baseUrl,
		hint: (message) => context.logger.warn(`${node.name}: ${message}`),
	});
	const plan = {
		event,
		settings: settingsOf(context, vendor, chosen),
		fieldsMark: fieldsMark(chosen.records),
		...timesOf(values),
	};
	const writer = outputFormatter(chosen.recordsFor?.(values) ?? chosen.records, {
		values,
		timezone,
		secret: client.hashSecret,
		now: () => client.clock() ?? Date.now(),
	});
	return { source, plan, writer };
}

/** @throws InputError when the source does not exist. */
function chosenSource(sources: TriggerSource[], read: (name: string) => unknown): TriggerSource {
	// A node with one source has no such parameter.
	if (sources.length === 1) return sources[0];
	const values = sources.map(({ value }) => value);
	return sources[values.indexOf(checkChoice('Source', values, read('source')))];
}

/** The option of sources that are read page by page. */
interface PageValues {
	pageSize?: number;
}

function timesOf({
	firstRun: begin,
	firstRunDate,
	firstRunDays = 7,
	lookbackHours = 1,
	deepLookbackDays = 3,
	maxRecords = 10_000,
}: TriggerValues): Pick<Plan, 'firstRun' | 'lookbackMs' | 'deepLookbackMs' | 'maxRecords'> {
	const firstRuns: Record<typeof begin, Plan['firstRun']> = {
		now: 'now',
		all: { since: 0 },
		date: { since: firstRunDate?.getTime() ?? 0 },
		days: { ago: firstRunDays * DAY_MS },
	};
	return {
		firstRun: firstRuns[begin],
		lookbackMs: lookbackHours * HOUR_MS,
		deepLookbackMs: deepLookbackDays * DAY_MS,
		maxRecords,
	};
}

/**
 * Fingerprint of everything that a position depends on: the source, its filters and the credential.
 *
 * Expressions count as they are written, so an expression that gives another value at each poll does not make the trigger start
 * over. A parameter at its default counts as not set, so a parameter that an update of the package adds changes nothing. Of a
 * choice from a list only the id counts, since n8n also stores the name that the list showed.
 */
function settingsOf(context: IPollFunctions, vendor: Vendor, source: TriggerSource): string {
	const { parameters, credentials } = context.getNode();
	const chosen: Array<[string, unknown]> = [['source', source.value]];
	for (const { name, default: unset } of [...commonProperties, ...source.properties, ...firstRun]) {
		const value = valueOf(parameters[name]);
		if (value !== undefined && digest(value, 16) !== digest(valueOf(unset), 16)) chosen.push([name, value]);
	}
	return digest([chosen, credentials?.[vendor.credentialType]?.id], 16);
}

/** The value of a parameter; of a choice from a list, its id. */
function valueOf(parameter: unknown): unknown {
	return isObject(parameter) && 'mode' in parameter && 'value' in parameter ? parameter.value : parameter;
}

/** The deliveries with what their rows show beside the records. */
async function completed(
	source: Source<IDataObject>,
	deliveries: PollResult<IDataObject>['deliveries'],
): Promise<PollResult<IDataObject>['deliveries']> {
	if (!source.complete || deliveries.length === 0) return deliveries;
	const records = await source.complete(deliveries.map(({ record }) => record));
	return deliveries.map((delivery, index) => ({ ...delivery, record: records[index] }));
}

/** The deliveries in the output format. In a flat row the changed fields are text, so that they fit into a cell. */
function toItems(
	deliveries: PollResult<IDataObject>['deliveries'],
	{ format, columns }: OutputFormatter,
): INodeExecutionData[] {
	const formatted = format(deliveries.map(({ record }) => record));
	return deliveries.map(({ change }, index) => {
		if (!change) return { json: formatted[index] };
		const { changedFields } = change;
		const flat = columns ? { ...change, changedFields: changedFields?.join(';') ?? null } : change;
		return { json: { ...formatted[index], ...flat } };
	});
}
