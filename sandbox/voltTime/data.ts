import printed from '../examples/voltTime.v2.transactions.json';
import { below, dice, hex, pick, uuid, type Dice } from '../random';
import { Store, type Source } from '../store';
import {
	linksOf,
	publicChargingOf,
	sitesOf,
	type PublicCharging,
	type ReimbursementLink,
	type Site,
} from './places';

export type { PublicCharging, ReimbursementLink, Site } from './places';

/** A session at a Volt Time charger in the format of the API: meters in Wh, decimals as texts, times in UTC. */
export interface VoltTimeTransaction {
	id: number;
	charger_id: number;
	charger_connector_id: number | null;
	reservation_id: number | null;
	id_tag: string | null;
	meter_start: number | null;
	meter_stop: number | null;
	total_kwh: string;
	start_cost: string | null;
	kwh_cost: string | null;
	total_kwh_cost: string | null;
	total_cost: string | null;
	started_at: string;
	stopped_at: string | null;
	stop_reason: string | null;
	created_at: string;
	updated_at: string;
}

export interface Team {
	uuid: string;
	id: number;
	is_personal_team: boolean;
	name: string;
	type: string;
	email: string | null;
	created_at: string;
	updated_at: string;
}

export interface Charger {
	uuid: string;
	id: number;
	identity: string;
	reference: string | null;
	connection_status: 'never_seen' | 'offline' | 'online';
	status: 'Available' | 'Unavailable' | 'Faulted' | null;
	error: string | null;
	error_info: string | null;
	created_at: string;
	updated_at: string;
	licenses: { smart: boolean; pro: boolean };
}

export interface VoltTimeSettings {
	seed: number;
	/** Milliseconds since 1970; no session is newer. */
	now: number;
	transactionsPerCharger: number;
	/** Number for the first charger of the first team, if it differs. */
	firstChargerTransactions: number | undefined;
	/** Number of chargers of the first team, if it differs. */
	firstTeamChargers?: number;
	documented: boolean;
}

/** Names, kinds and numbers of chargers of the teams; the first is large enough for two pages of chargers. */
const TEAMS: Array<[number, string, string, number]> = [
	[1107, 'Gemeente Zuidwolde, openbaar', 'Company', 32],
	[1142, 'VvE Café "De Lantaarn"; blok B, C', 'HOA', 4],
	[1190, 'Privé Anneloes', 'Personal', 1],
];

// Read from the global once, as in random.ts.
const { floor, max, min, round } = Math;

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const LONGEST_SPAN = 3 * 365 * 24 * HOUR;
const IDS_PER_CHARGER = 1_000_000;
const STOP_REASONS = ['EVDisconnected', 'Local', 'Remote', 'PowerLoss', 'Other'];
/** Wh that a charger's meter moves between the starts of two sessions. */
const METER_STEP = 26_000;

/** Volt Time's teams and chargers, and the sessions of each charger, which a test may change. */
export class VoltTimeData {
	readonly user: Record<string, unknown>;
	readonly teams: Team[] = [];
	private readonly chargersOf = new Map<number, Charger[]>();
	private readonly stores = new Map<number, Store<VoltTimeTransaction>>();
	/** A test may change sites, links and prices; `reset` makes them anew. */
	sites: Site[] = [];
	private links = new Map<number, ReimbursementLink[]>();
	private prices = new Map<number, PublicCharging>();
	private readonly closedChargers = new Set<number>();
	private readonly closedSites = new Set<number>();
	private readonly times: { created_at: string; updated_at: string };
	private lastWrite: number;

	constructor(private readonly settings: VoltTimeSettings) {
		this.lastWrite = settings.now;
		const next = dice(settings.seed, -3_000_000_000);
		const times = {
			created_at: stamp(settings.now - 900 * 24 * HOUR),
			updated_at: stamp(settings.now - 9 * HOUR),
		};
		this.user = {
			uuid: uuid(next),
			id: 40_291,
			name: 'Anneloes van ’t Hoff',
			email: 'anneloes@example.com',
			intercom: { hmac_android: hex(next, 32), hmac_ios: hex(next, 32), hmac_web: hex(next, 32) },
			...times,
		};
		if (settings.documented) this.addDocumented(next, times);
		else this.addGenerated(next, times);
		this.times = times;
		this.addPlaces();
	}

	/** A charger by its number or UUID. */
	charger(key: number | string): Charger | undefined {
		return this.allChargers().find(({ id, uuid: key2 }) => id === key || key2 === key);
	}

	/** Chargers of all teams. */
	allChargers(): Charger[] {
		return this.teams.flatMap(({ id }) => this.chargers(id));
	}

	/** The site of a charger; none after it left. */
	siteOf(chargerId: number): Site | undefined {
		return this.sites.find(({ chargerIds }) => chargerIds.includes(chargerId));
	}

	chargersOfSite(siteId: number): Charger[] {
		const ids = new Set(this.sites.find(({ id }) => id === siteId)?.chargerIds);
		return this.allChargers().filter(({ id }) => ids.has(id));
	}

	/** The number of a connector's row: 1 and 2 are the numbers on the charger. */
	connectorId(chargerId: number, connector: number): number {
		return 9000 + [...this.stores.keys()].indexOf(chargerId) * 2 + connector - 1;
	}

	/** Links of a team, which a test may change in place. */
	reimbursementLinks(teamId: number): ReimbursementLink[] {
		return this.links.get(teamId) ?? [];
	}

	/** Prices of a charger, which a test may change in place. */
	publicCharging(chargerId: number): PublicCharging {
		return this.prices.get(chargerId) as PublicCharging;
	}

	/** Whether the token has sensitive access to a charger: only then are its sessions readable. */
	isReadable(chargerId: number): boolean {
		const site = this.siteOf(chargerId);
		return !this.closedChargers.has(chargerId) && (!site || this.isSiteReadable(site.id));
	}

	isSiteReadable(siteId: number): boolean {
		return !this.closedSites.has(siteId);
	}

	/** Ends the sensitive access to a charger; `giveAccess` is the opposite. */
	endAccess(chargerId: number): void {
		this.closedChargers.add(chargerId);
	}

	giveAccess(chargerId: number): void {
		this.closedChargers.delete(chargerId);
	}

	/** Ends the access to a site and the sensitive access to its chargers. */
	endSiteAccess(siteId: number): void {
		this.closedSites.add(siteId);
	}

	giveSiteAccess(siteId: number): void {
		this.closedSites.delete(siteId);
	}

	/** Milliseconds since 1970: the time at which the data was made. */
	get now(): number {
		return this.settings.now;
	}

	/** Changes whenever a session of the charger does. */
	version(chargerId: number): number {
		return this.transactions(chargerId).version;
	}

	/** Chargers of a team, oldest first; none for a team that does not exist. */
	chargers(teamId: number): Charger[] {
		return this.chargersOf.get(teamId) ?? [];
	}

	/** Sessions of a charger; an error for one that does not exist. */
	transactions(chargerId: number): Store<VoltTimeTransaction> {
		const store = this.stores.get(chargerId);
		if (!store) throw new Error(`There is no charger ${chargerId}`);
		return store;
	}

	/** Transaction ids of a charger, oldest first. */
	ids(chargerId: number): number[] {
		return Array.from(this.transactions(chargerId).records(), ({ id }) => id);
	}

	get(id: number): VoltTimeTransaction | undefined {
		return this.holder(id)?.get(id);
	}

	/** Changes and returns a session. Sets `updated_at` to now, unless the patch has it. */
	update(id: number, patch: Partial<Omit<VoltTimeTransaction, 'id'>>): VoltTimeTransaction {
		const store = this.holder(id);
		const old = store?.get(id);
		if (!store || !old) throw new Error(`There is no transaction ${id}`);
		const transaction = { ...old, updated_at: this.nextWrite(), ...patch };
		store.put(store.find(id), transaction);
		return transaction;
	}

	remove(id: number): void {
		const store = this.holder(id);
		if (!store) throw new Error(`There is no transaction ${id}`);
		store.remove(store.find(id));
	}

	/** Adds a session to a charger and returns it: by default one of the last hour that has just stopped. */
	add(chargerId: number, patch: Partial<Omit<VoltTimeTransaction, 'id'>> = {}): VoltTimeTransaction {
		const store = this.transactions(chargerId);
		const slot = store.grow();
		const now = this.nextWrite();
		const transaction = {
			...(store.at(slot) as VoltTimeTransaction),
			id: store.idOf(slot),
			...energy(1_000_000, 1_007_940, '0.0000'),
			started_at: stamp(this.settings.now - HOUR),
			stopped_at: now,
			stop_reason: 'Local',
			created_at: now,
			updated_at: now,
			...patch,
		};
		store.put(slot, transaction);
		return transaction;
	}

	/** Undoes all changes. */
	reset(): void {
		this.lastWrite = this.settings.now;
		for (const store of this.stores.values()) store.reset();
		this.closedChargers.clear();
		this.closedSites.clear();
		this.addPlaces();
	}

	private addPlaces(): void {
		this.sites = this.teams.flatMap((team, index) =>
			sitesOf(team, this.chargers(team.id), this.settings.seed, 7000 + index * 100, this.times),
		);
		this.links = new Map(
			this.teams.map((team) => [team.id, linksOf(team, this.chargers(team.id), this.settings.now)]),
		);
		this.prices = new Map(this.allChargers().map((charger) => [charger.id, publicChargingOf(charger)]));
	}

	private holder(id: number): Store<VoltTimeTransaction> | undefined {
		return [...this.stores.values()].find((store) => store.find(id) >= 0);
	}

	/** Times of this API have whole seconds. */
	private nextWrite(): string {
		this.lastWrite += SECOND;
		return stamp(this.lastWrite);
	}

	private addGenerated(next: Dice, times: { created_at: string; updated_at: string }): void {
		let ordinal = 0;
		for (const [id, name, type, count] of TEAMS) {
			this.teams.push({
				uuid: uuid(next),
				id,
				is_personal_team: type === 'Personal',
				name,
				type,
				email: type === 'Personal' ? null : `team${id}@example.com`,
				...times,
			});
			const isFirstTeam = this.teams.length === 1;
			const length = (isFirstTeam ? this.settings.firstTeamChargers : undefined) ?? count;
			const chargers = Array.from({ length }, () => makeCharger(next, ordinal++, times));
			this.chargersOf.set(id, chargers);
			for (const charger of chargers) {
				const { transactionsPerCharger, firstChargerTransactions } = this.settings;
				const isFirst = this.stores.size === 0;
				const transactions = (isFirst ? firstChargerTransactions : undefined) ?? transactionsPerCharger;
				const source = transactionSource(
					{ ...this.settings, count: transactions },
					charger.id,
					this.stores.size,
				);
				this.stores.set(charger.id, new Store(source));
			}
		}
	}

	/** Both printed transactions at charger 25, although the second one's `charger_id` says 26. */
	private addDocumented(next: Dice, times: { created_at: string; updated_at: string }): void {
		const team = { uuid: uuid(next), id: 11, is_personal_team: false, name: 'Volt Time', type: 'Company' };
		this.teams.push({ ...team, email: null, ...times });
		const chargers = [20, 25].map((id) => ({ ...makeCharger(next, 0, times), id, identity: `VTT_${id}` }));
		this.chargersOf.set(11, chargers);
		this.stores.set(20, new Store(fixedSource([])));
		this.stores.set(25, new Store(fixedSource(printed.data)));
	}
}

function fixedSource(transactions: VoltTimeTransaction[]): Source<VoltTimeTransaction> {
	return {
		count: transactions.length,
		make: (slot) => transactions[slot] ?? printed.data[0],
		idOf: (slot) => transactions[slot]?.id ?? 1000 + slot,
		slotOf: (id) => (id >= 1000 ? id - 1000 : transactions.findIndex((transaction) => transaction.id === id)),
	};
}

function makeCharger(
	next: Dice,
	ordinal: number,
	times: { created_at: string; updated_at: string },
): Charger {
	const die = next();
	const connection_status = die < 0.8 ? 'online' : die < 0.95 ? 'offline' : 'never_seen';
	const faulted = next() < 0.06;
	return {
		uuid: uuid(next),
		id: 402_700 + ordinal * 3,
		identity: `VTT_${String(ordinal + 1).padStart(4, '0')}`,
		reference: ordinal % 3 === 0 ? null : `Plaats ${ordinal + 1}, zuidzijde`,
		connection_status,
		status: connection_status === 'never_seen' ? null : faulted ? 'Faulted' : 'Available',
		error: connection_status === 'never_seen' ? null : faulted ? 'GroundFailure' : 'NoError',
		error_info: null,
		...times,
		licenses: { smart: ordinal % 2 === 0, pro: ordinal % 5 === 0 },
	};
}

/** Sessions of one charger by number. Starts ascend; sometimes two are in the same second. */
function transactionSource(
	settings: { seed: number; now: number; count: number },
	chargerId: number,
	ordinal: number,
): Source<VoltTimeTransaction> {
	const { now, count } = settings;
	const seed = settings.seed * 1000 + ordinal + 1;
	const firstId = (ordinal + 40) * IDS_PER_CHARGER + 1;
	const gap = min(14 * HOUR, LONGEST_SPAN / max(1, count));
	const kwhCost = ordinal % 3 === 1 ? '0.3500' : '0.0000';

	const make = (slot: number): VoltTimeTransaction => {
		const pairStarts = slot % 2 === 1 && dice(seed, -1 - slot)() < 0.2;
		const next = dice(seed, slot);
		const anchor = pairStarts ? slot - 1 : slot;
		const begin = now - (count - anchor) * gap + dice(seed, -1_000_000_000 - anchor)() * 0.3 * gap;
		const started = min(now, floor(begin / SECOND) * SECOND);
		const isLong = next() < 0.05;
		const seconds = max(1, floor(((isLong ? 1 + next() * 4 : 0.1 + next() * 0.5) * gap) / SECOND));
		const stopped = started + seconds * SECOND;
		const isRunning = stopped > now || (slot === count - 1 && count >= 10 && ordinal % 4 === 0);
		const meterStart = 29_317 + slot * METER_STEP + below(next, 2000);
		const meterStop = meterStart + 300 + below(next, METER_STEP - 2400);
		const tag = hex(next, 10).replace(/[^A-F]/g, 'K');
		const corrected = next() < 0.05 ? min(now, stopped + below(next, 60) * 24 * HOUR) : stopped + 3 * SECOND;
		return {
			id: firstId + slot,
			charger_id: chargerId,
			charger_connector_id: 9000 + ordinal * 2 + (slot % 2),
			reservation_id: next() < 0.05 ? 5000 + slot : null,
			id_tag: next() < 0.03 ? null : `${tag.slice(0, 4)}${1000 + below(next, 30)}`,
			...energy(meterStart, isRunning ? null : meterStop, kwhCost),
			started_at: stamp(started),
			stopped_at: isRunning ? null : stamp(stopped),
			stop_reason: isRunning ? null : pick(next, STOP_REASONS),
			created_at: stamp(min(now, started + 2 * SECOND)),
			updated_at: stamp(isRunning ? now : min(now, corrected)),
		};
	};
	return { count, make, idOf: (slot) => firstId + slot, slotOf: (id) => id - firstId };
}

/** Meters, energy and cost. Without a stop value of the meter there is no energy and no cost. */
function energy(start: number, stop: number | null, kwhCost: string) {
	const hundredths = stop === null ? 0 : round((stop - start) / 10);
	const cost = (hundredths / 100) * Number(kwhCost);
	return {
		meter_start: start,
		meter_stop: stop,
		total_kwh: (hundredths / 100).toFixed(2),
		start_cost: '0.0000',
		kwh_cost: kwhCost,
		total_kwh_cost: cost.toFixed(4),
		total_cost: cost.toFixed(2),
	};
}

/** UTC with microseconds, as the documentation prints times. */
function stamp(time: number): string {
	return `${new Date(time).toISOString().slice(0, 19)}.000000Z`;
}
