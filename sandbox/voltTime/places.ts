import { dice, uuid } from '../random';
import type { Charger, Team } from './data';

/** A place with chargers; one team owns it. */
export interface Site {
	uuid: string;
	id: number;
	name: string;
	street: string;
	house_number: number;
	postal_code: string;
	city: string;
	country: string;
	created_at: string;
	updated_at: string;
	teamId: number;
	/** Numbers of its chargers. */
	chargerIds: number[];
}

/** What an employer pays for a kWh at a charger; one per charger. */
export interface ReimbursementLink {
	id: number;
	name: string;
	employee: { name: string; has_stripe_connect: boolean } | null;
	charger: { uuid: string; identity: string } | null;
	status: 'pending' | 'active' | 'terminated';
	status_label: string;
	/** In cents. */
	rate_per_kwh: number;
	currency: string;
	activated_at: string | null;
}

/** Prices of a charger for the public, in cents. */
export interface PublicCharging {
	enabled: boolean;
	price_per_kwh: number | null;
	start_fee: number;
	currency: string | null;
}

/** Name, street, city and chargers of the sites of a team; the last one has the rest of the chargers. */
const SITES: Record<number, Array<[string, string, string, number]>> = {
	1107: [
		['Parkeergarage Markt', 'Marktstraat', 'Zuidwolde', 20],
		['Gemeentehuis', 'Raadhuisplein', 'Zuidwolde', 8],
		['Sportpark "De Vennen"; noord', 'Vennenweg', 'Zuidwolde', 4],
	],
	1142: [['Blok B en C', 'Lantaarnstraat', 'Utrecht', 4]],
	1190: [['Thuis', 'Lindelaan', 'Zuidwolde', 1]],
};
const ONE_SITE: Array<[string, string, string, number]> = [['Main Office', 'Hoofdstraat', 'Utrecht', 2]];
/** The owner of a home charger is reimbursed. */
const CENTS_AT_HOME = 32;
const DAY = 24 * 3600 * 1000;

/** The sites of a team, with all of its chargers. */
export function sitesOf(
	team: Team,
	chargers: Charger[],
	seed: number,
	firstId: number,
	times: { created_at: string; updated_at: string },
): Site[] {
	const next = dice(seed, -4_000_000_000 - team.id);
	const plan = SITES[team.id] ?? ONE_SITE;
	let used = 0;
	return plan.map(([name, street, city, count], index) => {
		const end = index === plan.length - 1 ? chargers.length : used + count;
		const chargerIds = chargers.slice(used, end).map(({ id }) => id);
		used = end;
		return {
			...{ uuid: uuid(next), id: firstId + index, name, street, city, country: 'NL' },
			...{ house_number: 12 + index, postal_code: '3511AB', ...times, teamId: team.id, chargerIds },
		};
	});
}

/** A team pays its first charger's owner for charging at home, and has an agreement that is not active yet. */
export function linksOf(team: Team, chargers: Charger[], now: number): ReimbursementLink[] {
	return chargers.slice(0, 2).map(({ uuid: id, identity }, index) => {
		const isActive = index === 0;
		return {
			id: team.id * 10 + index,
			name: `Home of employee ${index + 1}`,
			employee: { name: `Employee ${index + 1}`, has_stripe_connect: isActive },
			charger: { uuid: id, identity },
			status: isActive ? 'active' : 'pending',
			status_label: isActive ? 'Active' : 'Pending',
			rate_per_kwh: CENTS_AT_HOME,
			currency: 'eur',
			activated_at: isActive ? new Date(now - 200 * DAY).toISOString().replace(/\.\d+Z/, '.000000Z') : null,
		};
	});
}

/** Two of three chargers are open to the public. */
export function publicChargingOf({ id }: Charger): PublicCharging {
	return id % 9 === 0
		? { enabled: false, price_per_kwh: null, start_fee: 0, currency: null }
		: { enabled: true, price_per_kwh: 45, start_fee: 50, currency: 'eur' };
}
