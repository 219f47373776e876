import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Contract, Values } from '../contract';
import { evseOf, uidOf, type Evse } from './commands';
import { cursorOf, readCursor } from './cursors';
import { SITES, type Site } from './places';
import type { JsonRecord } from './records';
import { badRequest, cursorsOf, notFound, readQuery, type SpiriiVendor } from './request';
import { evseIdOf, firstBoxOf } from './session';

/** A list of what stands at the sites: complete, in the order of its ids, without a time filter. */
interface List {
	path: string;
	idField: string;
	records: (vendor: SpiriiVendor) => JsonRecord[];
	/** By parameter: the field that has to be one of the given numbers. */
	filters: Record<string, (record: JsonRecord) => unknown>;
	/** The path of one record, where there is one. */
	single?: string;
}

const LISTS: List[] = [
	{
		path: '/v2/locations',
		idField: 'id',
		records: (vendor) => SITES.map((_, index) => toLocation(index, vendor)),
		filters: { ids: ({ id }) => id, customerIds: (record) => (record.owner as JsonRecord).customerId },
	},
	{
		path: '/v2/evses',
		single: '/v2/evses/{uid}',
		idField: 'uid',
		records: (vendor) => SITES.flatMap((_, index) => evsesOf(index, vendor)),
		filters: { uids: ({ uid }) => uid, chargeboxIds: ({ chargeboxId }) => chargeboxId },
	},
	{
		path: '/v2/chargeboxes',
		single: '/v2/chargeboxes/{id}',
		idField: 'id',
		records: (vendor) => SITES.flatMap((_, index) => chargeBoxesOf(index, vendor)),
		filters: {},
	},
];

const DEFAULT_PAGE_SIZE = 25;

/** Locations, EVSEs and charge boxes, with cursors as the lists of sessions have them. */
export function siteRoutes(app: FastifyInstance, vendor: SpiriiVendor, contract: Contract): void {
	for (const list of LISTS) {
		const many = contract.operation(list.path);
		app.get(list.path, (request) => {
			const { values } = readQuery(request, many, contract, vendor.switches.arrays);
			return pageOf(list, values, vendor);
		});
		if (list.single === undefined) continue;
		const one = contract.operation(list.single);
		app.get(list.single.replace(/\{(\w+)\}/, ':$1'), (request) => {
			readQuery(request, one, contract, vendor.switches.arrays);
			const id = numberIn(request, list.idField);
			const found = list.records(vendor).find((record) => record[list.idField] === id);
			if (!found) throw notFound();
			return found;
		});
	}
}

function pageOf({ records, filters, idField }: List, values: Values, vendor: SpiriiVendor): JsonRecord {
	const matching = records(vendor).filter((record) =>
		Object.entries(filters).every(
			([name, read]) => values[name] === undefined || (values[name] as unknown[]).includes(read(record)),
		),
	);
	const idOf = (record: JsonRecord) => record[idField] as number;
	const asked = (values.limit as number | undefined) ?? DEFAULT_PAGE_SIZE;
	const limit = Math.min(asked, vendor.switches.maxPageSize ?? Infinity);
	const isBack = values.previousPageCursor !== undefined;
	const name = isBack ? 'previousPageCursor' : 'nextPageCursor';
	const text = values[name] as string | undefined;
	const cursor = text === undefined ? undefined : readCursor('opaque', text);
	if (text !== undefined && (!cursor || vendor.switches.cursorsExpire))
		throw badRequest(name, 'is not a cursor of this endpoint');

	const behind = cursor ? matching.findIndex((record) => idOf(record) > cursor.id) : 0;
	const at = behind < 0 ? matching.length : behind;
	const start = isBack ? Math.max(0, matching.findIndex((record) => idOf(record) >= cursor!.id) - limit) : at;
	const page = matching.slice(start, start + limit);
	const cursorTo = (record: JsonRecord) => cursorOf('opaque', { key: 0, id: idOf(record) });
	return {
		data: page,
		...cursorsOf(
			{
				nextPageCursor: start + limit < matching.length ? cursorTo(page[page.length - 1]) : undefined,
				previousPageCursor: start > 0 && page.length > 0 ? cursorTo(page[0]) : undefined,
			},
			vendor.switches,
		),
	};
}

function numberIn(request: FastifyRequest, name: string): number {
	const text = (request.params as Record<string, string>)[name];
	if (!/^\d{1,15}$/.test(text)) throw badRequest(name, 'must be integer');
	return Number(text);
}

/** Without zone, as the pages print it. */
const UPDATED = '2025-01-27 09:38:41';

function toLocation(index: number, vendor: SpiriiVendor): JsonRecord {
	const site = SITES[index];
	return {
		id: site.id,
		name: site.name,
		address: site.address,
		postalCode: site.zipCode,
		city: site.city,
		countryCode: site.country,
		partyId: 'SPI',
		publish: site.isPublic,
		evses: evsesOf(index, vendor),
		operator: { name: 'Nordlyst Ladenet', website: 'https://nordlyst.example' },
		lastUpdated: UPDATED,
		allowPriorityCharging: false,
		parkingType: PARKING_TYPES[site.type] ?? 'OTHER',
		openingTimes: { twentyFourSeven: true },
		owner: { name: site.company.name, customerId: site.company.id },
	};
}

const PARKING_TYPES: Partial<Record<Site['type'], string>> = {
	PublicRoad: 'ON_STREET',
	Residential: 'ON_DRIVEWAY',
	ParkingLot: 'PARKING_LOT',
	ParkingLotIndoor: 'PARKING_GARAGE',
	ParkingLotUnderground: 'UNDERGROUND_GARAGE',
};

function boxIdsOf(index: number): number[] {
	return Array.from({ length: SITES[index].chargeBoxes }, (_, box) => firstBoxOf(index) + box);
}

function evsesOf(index: number, vendor: SpiriiVendor): JsonRecord[] {
	const running = runningUids(vendor);
	return boxIdsOf(index).flatMap((chargeBoxId, box) =>
		[1, 2].map((connectorId) => toEvse(index, box, { chargeBoxId, connectorId }, running)),
	);
}

function runningUids({ data }: SpiriiVendor): Set<number> {
	const uids = new Set<number>();
	for (const session of data.store.records(({ endedAt }) => endedAt === null)) {
		const evse = evseOf(session);
		if (evse) uids.add(uidOf(evse));
	}
	return uids;
}

function toEvse(index: number, box: number, evse: Evse, running: Set<number>): JsonRecord {
	const uid = uidOf(evse);
	const isFast = box === 0;
	return {
		uid,
		evseId: evseIdOf(SITES[index], index, box, evse.connectorId),
		chargeboxId: evse.chargeBoxId,
		status: running.has(uid) ? 'CHARGING' : 'AVAILABLE',
		connectors: [
			{
				id: evse.connectorId,
				standard: isFast ? 'IEC_62196_T2_COMBO' : 'IEC_62196_T2',
				format: isFast ? 'CABLE' : 'SOCKET',
				powerType: isFast ? 'DC' : 'AC_3_PHASE',
				maxElectricPower: isFast ? 150 : 22,
				maxAmperage: isFast ? 375 : 32,
				maxVoltage: 400,
				tariffIds: ['58652fe8-d840-4aa4-bb4f-3ebd944df9d6'],
			},
		],
	};
}

function chargeBoxesOf(index: number, vendor: SpiriiVendor): JsonRecord[] {
	const evses = evsesOf(index, vendor);
	return boxIdsOf(index).map((id, box) => ({
		id,
		chargeBoxIdentity: `${SITES[index].country}.SPI.${String(id).padStart(6, '0')}`,
		serialNumber: `SN-${id}`,
		isOnline: (id + index) % 7 !== 0,
		locationId: SITES[index].id,
		updatedAt: UPDATED,
		createdAt: '2024-03-01 08:00:00',
		evses: evses.filter(({ chargeboxId }) => chargeboxId === id),
		model: {
			id: 12 + (box === 0 ? 1 : 0),
			vendor: box === 0 ? 'Alpitronic' : 'Zaptec',
			name: box === 0 ? 'HYC_150' : 'Pro',
		},
		firmwareVersion: 'FM-000001',
		customer: { id: SITES[index].company.id },
		lastConnectionEventAt: UPDATED,
		deletedAt: index === SITES.length - 1 ? UPDATED : null,
	}));
}
