import type { IDataObject } from 'n8n-workflow';

import { emptyToUndefined, type RecordKind } from '../../shared/session/fields';
import { readTime } from '../../shared/session/times';
import { snapshotReader, type SessionSnapshot } from '../../shared/sync/snapshot';
import { transactionKind } from '../records';

/**
 * What makes up a version of a session: the fields that the lists of a team, a site and a charger share. So a session that is read
 * from another list, or whose site gets another name, is not a correction.
 */
export const versionKind: RecordKind = {
	...transactionKind,
	read: (record) => {
		const meterStart = emptyToUndefined(record.meter_start);
		const meterStop = emptyToUndefined(record.meter_stop);
		const isMetered = meterStart !== undefined && meterStop !== undefined;
		return {
			id: emptyToUndefined(record.id),
			startedAt: emptyToUndefined(record.started_at),
			endedAt: emptyToUndefined(record.stopped_at),
			status: emptyToUndefined(record.status),
			stopReason: emptyToUndefined(record.stop_reason),
			// Lists can round it in their own way. The meters are exact.
			energyKwh: isMetered ? undefined : emptyToUndefined(record.total_kwh),
			meterStart,
			meterStop,
			tokenUid: emptyToUndefined(record.id_tag),
			chargerUuid: emptyToUndefined(record.charger?.uuid),
		};
	},
};

const readSnapshot = snapshotReader(versionKind);

/** The snapshot of a record of version 3. Only lists of a site or a charger have the times of its writes. */
export function snapshotOf(record: IDataObject): SessionSnapshot | undefined {
	const snapshot = readSnapshot(record);
	if (!snapshot) return undefined;
	return {
		...snapshot,
		createdAt: readTime(record.created_at) ?? undefined,
		updatedAt: readTime(record.updated_at) ?? undefined,
	};
}

/** The UUID of the charger of a session: its partition. */
export function chargerOf({ charger }: IDataObject): string {
	return String((charger as IDataObject | null | undefined)?.uuid ?? '');
}
