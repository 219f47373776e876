import type { Charger, Site, Team, VoltTimeData, VoltTimeTransaction } from './data';
import type { PlugchoiceSwitches } from './plugchoiceSwitches';

/** How far V3 counts from V2 when ids are not the same. */
const OTHER_IDS = 500_000_000;
/** Every one of so many sessions is invalid where the switch says so. */
const INVALID_EVERY = 17;

/** The id of a session in V3, by its id in V2. */
export function idInV3(id: number, { sameIds }: PlugchoiceSwitches): number {
	return sameIds ? id : id + OTHER_IDS;
}

/** A session in the list of a charger or a site. */
export function toTransaction(
	session: VoltTimeTransaction,
	charger: Charger,
	switches: PlugchoiceSwitches,
): object {
	const { id, charger_connector_id, started_at, stopped_at, stop_reason, created_at, updated_at } = session;
	const connector = connectorNumber(session);
	return {
		id: idInV3(id, switches),
		charger_id: session.charger_id,
		charger_connector_id,
		reservation_id: session.reservation_id,
		id_tag: session.id_tag,
		...energyOf(session, switches),
		...{ started_at, stopped_at, stop_reason, created_at, updated_at },
		...(switches.isValid === 'someFalse' && { is_valid: id % INVALID_EVERY !== 0 }),
		charger: { uuid: charger.uuid, identity: charger.identity, reference: charger.reference },
		connector: connector === null ? null : { connector_id: connector },
	};
}

/** A session in the list of a team: charger and site inside, and without the times of its writes. */
export function toTeamTransaction(
	session: VoltTimeTransaction,
	charger: Charger,
	site: Site | undefined,
	switches: PlugchoiceSwitches,
): object {
	const { id_tag, started_at, stopped_at, stop_reason } = session;
	const { uuid, identity, reference } = charger;
	return {
		id: idInV3(session.id, switches),
		status: stopped_at === null ? 'active' : 'finished',
		charger: {
			...{ uuid, identity, reference },
			site: site ? { uuid: site.uuid, name: site.name } : null,
			is_mid: charger.licenses.pro,
		},
		connector_id: connectorNumber(session),
		...{ id_tag, started_at, stopped_at },
		...energyOf(session, switches),
		stop_reason,
	};
}

/** Meters in Wh, and `total_kwh` as the switch says. */
function energyOf({ meter_start, meter_stop }: VoltTimeTransaction, { kwh }: PlugchoiceSwitches): object {
	const used = meter_start === null || meter_stop === null ? 0 : (meter_stop - meter_start) / 1000;
	const texts = {
		floor: Math.floor(used).toFixed(2),
		exact: used.toFixed(2),
		number: Number(used.toFixed(2)),
	};
	return { meter_start, meter_stop, ...(kwh !== 'absent' && { total_kwh: texts[kwh] }) };
}

/** Connectors are numbered from 1 on each charger, which has two. */
function connectorNumber({ charger_connector_id: id }: VoltTimeTransaction): number | null {
	return id === null ? null : 1 + (id % 2);
}

export function toTeam({ email, ...team }: Team): object {
	return { ...team, slug: `team-${team.id}`, email };
}

export function toCharger(charger: Charger, data: VoltTimeData): object {
	const { created_at, updated_at, licenses, ...head } = charger;
	const isSeen = charger.connection_status !== 'never_seen';
	const isOnline = charger.connection_status === 'online';
	return {
		...head,
		...{ vendor_id: null, vendor_error_code: null, firmware_version: isSeen ? '1.4.2' : null, server: null },
		last_connection_at: isSeen ? created_at : null,
		last_disconnection_at: isSeen && !isOnline ? updated_at : null,
		last_heartbeat_at: isSeen ? updated_at : null,
		...{ setup_pending: !isSeen, setup_completed: isSeen, blocked: false, max_current: 32, model_id: 12 },
		...{ created_at, updated_at, licenses },
		model: { vendor: 'Volt Time', name: 'Source 2S', is_dc: false },
		permissions: permissionsOf(data.isReadable(charger.id)),
	};
}

export function toChargerDetail(charger: Charger, data: VoltTimeData): object {
	const { id, created_at, updated_at, status } = charger;
	const connectors = [1, 2].map((connector_id) => ({
		...{ id: data.connectorId(id, connector_id), charger_id: id, connector_id },
		...{ status: status ?? 'Unavailable', error: charger.error, error_info: null },
		...{ vendor_id: null, vendor_error_code: null, max_amperage: 32, max_voltage: null, standard: null },
		...{ format: null, power_type: null, phase_rotation: null, created_at, updated_at },
	}));
	return {
		...toCharger(charger, data),
		...(data.isReadable(id) && { pincode: String(100_000 + (id % 900_000)) }),
		connectors,
	};
}

export function toTeamCharger(charger: Charger, data: VoltTimeData): object {
	const site = data.siteOf(charger.id);
	const { uuid, identity, connection_status, status, licenses } = charger;
	return {
		...{ uuid, identity, connection_status, status, licenses },
		model: { vendor: 'Volt Time', name: 'Source 2S' },
		internal_model: { name: 'Source 2S', sku: 'VT-S2S' },
		site: site ? { uuid: site.uuid, name: site.name } : null,
		connectors: {
			data: [1, 2].map((connector_id) => ({
				id: data.connectorId(charger.id, connector_id),
				connector_id,
				status: status ?? 'Unavailable',
			})),
		},
	};
}

/** A site, as in the list of the token. */
export function toSite(site: Site, data: VoltTimeData): object {
	return {
		...{ ...toTeamSite(site, data), id: site.id },
		...{ tariff_zone: null, latitude: null, longitude: null, manual_coordinates: false },
		access_level: 'owner',
		capabilities: {
			smart_charging: true,
			load_management: { dynamic: false, peak_shaving: false, solar: false },
		},
		updated_at: site.updated_at,
		permissions: permissionsOf(data.isSiteReadable(site.id)),
	};
}

/** A site, as in the list of a team: without its number. */
export function toTeamSite(site: Site, data: VoltTimeData): object {
	const { uuid, name, street, postal_code, house_number, city, country, created_at } = site;
	return {
		...{ uuid, name, address: `${street} ${house_number}, ${city}`, street, postal_code, house_number },
		...{ house_number_addition: null, city, country, smart_charging: 'disabled' },
		chargers_count: data.chargersOfSite(site.id).length,
		created_at,
	};
}

/** A team that has access to a site. */
export function toTeamAccess({ uuid, name, type, email, ...team }: Team, hasAccess: boolean): object {
	const { created_at, updated_at } = team;
	return {
		...{ uuid, name, type, email },
		access: {
			...{ is_owner: true, data_access: hasAccess, data_access_expires_at: null },
			...{ can_access_all_assets: true, created_at, updated_at },
		},
		...{ created_at, updated_at },
	};
}

function permissionsOf(sensitive: boolean): object {
	return { basic: true, sensitive, full: false };
}
