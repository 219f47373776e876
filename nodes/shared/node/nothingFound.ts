import type { INodeExecutionData, INodeProperties } from 'n8n-workflow';

import type { Parameters } from '../parameters/parameters';
import { formatValue } from '../util/errors';
import type { Operation, Unfiltered } from './operation';

/** What a first page of a list says of its length: its total, or else that it has a record. */
export function countOf(firstPage: unknown[], total?: number): Unfiltered {
	const { length } = firstPage;
	return total === undefined ? { count: length, isTotal: length === 0 } : { count: total, isTotal: true };
}

/** Whether nothing was found: no item, or files without a session. */
export function isNothing(items: INodeExecutionData[]): boolean {
	return items.every(({ json }) => json.rows === 0 && json.part !== undefined);
}

/**
 * The hint that nothing was found: the period, the filters, and what there is without them.
 *
 * @param period In words, if one is set.
 * @param countAll Reads what there is without them. It is not called where nothing is set, and its errors are ignored.
 */
export async function describeNothing(
	operation: Pick<Operation, 'properties' | 'records'>,
	parameters: Parameters,
	period: string | undefined,
	countAll?: () => Promise<Unfiltered>,
): Promise<string> {
	const noun = operation.records ? 'session' : 'record';
	const filters = describeFilters(operation, parameters);
	const set = [period && 'the period', filters && 'the filters'].filter(Boolean).join(' and ');
	const all = set === '' ? undefined : await countAll?.().catch(() => undefined);
	const isCounted = all?.isTotal && all.count > 0;
	return [
		isCounted ? `0 of ${all.count} ${noun}s match.` : `No ${noun} was found.`,
		period && `The period is ${period}.`,
		filters && `The filters are ${filters}.`,
		all && !isCounted && `Without ${set} there ${all.count > 0 ? `are ${noun}s` : 'is none either'}.`,
	]
		.filter(Boolean)
		.join(' ');
}

/** `Location: "1766", Mode: "cpo"`: the filters that are set. */
function describeFilters(
	{ properties }: Pick<Operation, 'properties'>,
	{ values, labels }: Parameters,
): string {
	const filters = (properties.find(({ name }) => name === 'filters')?.options ?? []) as INodeProperties[];
	return (
		filters
			// A date that the period has written has its label.
			.filter(({ name, displayName }) => values[name] !== undefined && labels[name] === displayName)
			.map(({ name, displayName }) => {
				const value = values[name];
				return `${displayName}: ${formatValue(value instanceof Date ? value.toISOString() : value)}`;
			})
			.join(', ')
	);
}
