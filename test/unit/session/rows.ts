import { columnNames } from '../../../nodes/shared/session/columns';
import type { Group, SessionRow } from '../../../nodes/shared/session/types';

/** The groups of columns that sums and statements are made from. */
export const EVERY_GROUP: Group[] = ['address', 'commercial', 'origin', 'vehicle', 'driver'];

/** A row with every column in its place, null but for these. */
export function rowOf(values: SessionRow): SessionRow {
	const empty = Object.fromEntries(columnNames(EVERY_GROUP).map((name) => [name, null]));
	return { ...empty, warnings: null, ...values };
}
