import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';

import { isObject } from '../http/response';
import type { Entry } from './types';

/**
 * The fields in the rows of a fixed collection. Each has its values in several readings of the collection, for example as written in
 * the node and as evaluated.
 */
export function* fieldsOf(
	collection: INodeProperties,
	readings: unknown[],
): Generator<{ field: INodeProperties; values: unknown[] }> {
	for (const { name, values: fields } of collection.options as INodePropertyCollection[]) {
		const rows = readings.map((reading) => [valueIn(reading, name)].flat());
		for (let row = 0; row < Math.max(...rows.map(({ length }) => length)); row++) {
			for (const field of fields) {
				yield { field, values: rows.map((ofReading) => valueIn(ofReading[row], field.name)) };
			}
		}
	}
}

export function valueIn(holder: unknown, name: string): unknown {
	return isObject(holder) ? holder[name] : undefined;
}

/** Whether the fields of a fixed collection have a `routing`. Otherwise the collection is sent as a whole, or not at all. */
export function sendsItsFields({ type, options }: INodeProperties): boolean {
	if (type !== 'fixedCollection') return false;
	return (options as INodePropertyCollection[]).some(({ values }) =>
		values.some(
			(field) =>
				field.routing ??
				(field.options as INodePropertyOptions[] | undefined)?.some(({ routing }) => routing !== undefined),
		),
	);
}

/** The rows of one kind in a fixed collection. Their fields are returned as parameters. */
export function rowsOf(
	{ property, written, given }: Entry,
	{ name, values }: INodePropertyCollection,
): Entry[][] {
	const isWhole = typeof written === 'string';
	const writtenRows = [valueIn(written, name)].flat();
	const rows = [valueIn(given, name) ?? []].flat();
	return rows.map((row, at) =>
		values.map((field) => ({
			// Messages put the name in quotes: `"City" in "Address"`.
			property: { ...field, displayName: `${field.displayName}" in "${property.displayName}` },
			isSet: isObject(row) && Object.hasOwn(row, field.name),
			written: isWhole ? written : valueIn(writtenRows[at], field.name),
			given: valueIn(row, field.name),
		})),
	);
}
