import type { INodeProperties, INodePropertyCollection } from 'n8n-workflow';

import { isObject } from '../http/response';

/**
 * The fields in the rows of a fixed collection, each with what it holds in several readings of the collection: as it stands
 * in the node, for example, and as it comes out.
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
