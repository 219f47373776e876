import {
	COMPANIES,
	FIRST_NAMES,
	FOREIGN_OPERATOR,
	LAST_NAMES,
	OPERATOR,
	OWN_COMPANY,
	SITES,
	VOUCHERS,
	type Company,
	type Site,
	type Tag,
	type Voucher,
} from './places';
import { below, dice, hex, pick, round, type Dice } from '../random';
import type { Source } from '../store';

/**
 * One charging session at Spirii, from which its three records (v1, v2 charge record, v2 transaction) are written.
 * Times are milliseconds since 1970, energy is kWh, money is in major units with VAT.
 */
export interface Session {
	/** The transaction id, the same in all three. */
	id: number;
	startedAt: number;
	/** Null while the session runs. */
	endedAt: number | null;
	createdAt: number;
	/** Last write of any kind. */
	updatedAt: number;
	/** A write long after the end: a corrected price for example. */
	correctedAt: number | null;
	site: Site;
	evseId: string;
	chargeBoxId: number;
	operator: typeof OPERATOR;
	company: Company;
	tag: Tag;
	consumed: number;
	meterStart: number;
	/** Seconds of it without current. */
	idle: number;
	perKwh: number;
	amount: number;
	amountExVat: number;
	isDynamic: boolean;
	/** cpo: a foreign driver here. emp: our driver at a foreign charger. */
	roaming: 'cpo' | 'emp' | null;
	isPriority: boolean;
	isPublicSharing: boolean;
	voucher: Voucher | null;
	/** A record that the documentation prints; it is in this one list only, and is served as it is printed. */
	documented?: { list: SessionList; record: Record<string, unknown>; detail?: Record<string, unknown> };
}

/** The three lists that hold sessions. */
export type SessionList = 'chargeRecords' | 'transactions' | 'legacyChargeRecords';

/** What a generated data set looks like. */
export interface SessionSettings {
	seed: number;
	/** Sessions in the data set. */
	records: number;
	/** Milliseconds since 1970; no session is newer. */
	now: number;
	/** Every session is in every list without a parameter: ended, own company, own charger and driver, no priority. */
	plain: boolean;
}

// Taken out of the global once, as in random.ts.
const { floor, max, min } = Math;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LONGEST_SPAN = 3 * 365 * DAY;
const FIRST_ID = 8_400_003;
const ID_STEP = 3;
const FIRST_BOX = 30_400;
const NEWEST_RUNNING = 2;

/** What a kWh costs, in the currency's major unit with VAT. */
const PRICES: Record<string, [number, number]> = {
	DKK: [2.1, 5.4],
	EUR: [0.35, 0.79],
	SEK: [3.9, 6.9],
	NOK: [4, 7.2],
};

/** Sessions by number: session `slot` depends on the settings and the slot alone. */
export function sessionSource(settings: SessionSettings): Source<Session> {
	const tags = makeTags(settings.seed);
	return {
		count: settings.records,
		idOf: (slot) => FIRST_ID + slot * ID_STEP,
		slotOf: (id) => (id - FIRST_ID) / ID_STEP,
		make: (slot) => makeSession(settings, tags, slot),
	};
}

function makeSession(settings: SessionSettings, tags: Tag[], slot: number): Session {
	const next = dice(settings.seed, slot);
	const times = makeTimes(settings, slot, next);
	const plain = settings.plain;

	const roamingDie = next();
	const roaming = plain || roamingDie >= 0.1 ? null : roamingDie < 0.05 ? 'cpo' : 'emp';
	const siteNumber = plain ? pick(next, OWN_SITES) : below(next, SITES.length);
	const site = SITES[siteNumber];
	const box = below(next, site.chargeBoxes);
	const tag = roaming === 'cpo' ? foreignTag(next) : pick(next, tags);

	const voucher = next() < 0.08 && roaming === null ? pick(next, VOUCHERS) : null;
	const free = next() < 0.04;
	const [lowest, highest] = PRICES[site.currency];
	const usual = lowest + next() * (highest - lowest);
	const perKwh = free ? 0 : round(usual * (voucher?.factor ?? 1), 2);
	const seconds = ((times.endedAt ?? times.updatedAt) - times.startedAt) / SECOND;
	const consumed = round(min((seconds / 3600) * 11, 2 + next() * 70), 2);
	const amount = round(consumed * perKwh, 2);

	return {
		id: FIRST_ID + slot * ID_STEP,
		...times,
		site,
		evseId: evseIdOf(site, siteNumber, box, 1 + below(next, 2), roaming === 'emp'),
		chargeBoxId: firstBoxOf(siteNumber) + box,
		operator: roaming === 'emp' ? FOREIGN_OPERATOR : OPERATOR,
		company: roaming === 'emp' ? tag.company : site.company,
		tag,
		consumed,
		meterStart: next() < 0.5 ? 0 : round(next() * 90_000, 2),
		idle: floor(seconds * next() * 0.4),
		perKwh,
		amount,
		amountExVat: round(amount / (1 + site.vatRate), 2),
		isDynamic: !free && next() < 0.15,
		roaming,
		isPriority: !plain && next() < 0.03,
		isPublicSharing: site.type === 'Residential' && next() < 0.5,
		voucher,
	};
}

/** The number of the first charge box of a site; the others of it follow. */
export function firstBoxOf(siteNumber: number): number {
	return FIRST_BOX + siteNumber * 10;
}

const OWN_SITES = SITES.map((_, index) => index).filter((index) => SITES[index].company === OWN_COMPANY);

/**
 * Starts grow with the slots, so that ids grow with time. Every tenth group of eight starts in the same second, and
 * corrections come from a nightly job, so that both give ties.
 */
function makeTimes({ seed, records, now, plain }: SessionSettings, slot: number, next: Dice) {
	const gap = min(6 * HOUR, LONGEST_SPAN / max(1, records));
	const group = slot - (slot % 8);
	const tied = dice(seed, -2 - group)() < 0.1 && group + 8 < records;
	const anchor = tied ? group : slot;
	const jitter = dice(seed, -1_000_000_000 - anchor)() * 0.9;
	const startedAt = wholeSeconds(min(now - (records - anchor) * gap + jitter * gap, now));
	const createdAt = startedAt + below(next, 2999);

	const kind = next();
	const length =
		kind < 0.04 ? DAY + next() * 8 * DAY : kind < 0.12 ? (8 + next() * 6) * HOUR : (0.25 + next() * 6) * HOUR;
	const end = startedAt + wholeSeconds(length);
	const isNewest = records >= 10 && slot >= records - NEWEST_RUNNING && slot < records;
	if (!plain && (isNewest || end > now - MINUTE)) {
		const lastMeterValue = max(createdAt, wholeSeconds(now - next() * 15 * MINUTE));
		return { startedAt, endedAt: null, createdAt, updatedAt: lastMeterValue, correctedAt: null };
	}

	const endedAt = min(end, startedAt + wholeSeconds((now - startedAt) / 2));
	const room = min(300 * DAY, now - endedAt - DAY);
	const corrected = next() < 0.05 && room > DAY ? nightAfter(endedAt + DAY + next() * room) : now;
	const correctedAt = corrected < now ? corrected : null;
	const settledAt = max(createdAt, min(now, endedAt + SECOND + below(next, 3 * MINUTE)));
	return { startedAt, endedAt, createdAt, updatedAt: correctedAt ?? settledAt, correctedAt };
}

function wholeSeconds(milliseconds: number): number {
	return floor(milliseconds / SECOND) * SECOND;
}

/** 03:00 UTC of that day. */
function nightAfter(time: number): number {
	return floor(time / DAY) * DAY + 3 * HOUR;
}

/** The ID on the sticker of an EVSE. */
export function evseIdOf(
	site: Site,
	siteNumber: number,
	box: number,
	connector: number,
	foreign = false,
): string {
	const number = String(50 + siteNumber * 10 + box).padStart(4, '0');
	return `${site.country}.${foreign ? 'RSM.E' : 'SPI.ZM'}${number}*${connector}`;
}

const TAGS = 120;

/** The drivers' charge keys of this account. */
function makeTags(seed: number): Tag[] {
	return Array.from({ length: TAGS }, (_, index) => {
		const next = dice(seed, -2_000_000_000 - index);
		const die = next();
		const type = die < 0.4 ? 'creditCard' : die < 0.9 ? 'rfid' : 'virtual';
		const appUserId = type === 'rfid' ? null : 6300 + index;
		const firstName = pick(next, FIRST_NAMES);
		const lastName = pick(next, LAST_NAMES);
		return {
			uid: hex(next, type === 'rfid' ? 14 : 20),
			id: 71_000 + index,
			type,
			label: appUserId === null ? `${firstName} ${lastName}` : `SpiriiGo-custId-${appUserId}`,
			firstName,
			lastName,
			customerId: 15_000 + index,
			appUserId,
			company: pick(next, COMPANIES),
		};
	});
}

/** A key that another provider gave out: nothing but its uid is known. */
function foreignTag(next: Dice): Tag {
	const number = below(next, 40);
	const uid = hex(dice(number, 77), 14);
	return {
		uid,
		id: 90_000 + number,
		type: 'rfid',
		label: `NL-TNM-C${String(number).padStart(8, '0')}-X`,
		firstName: '',
		lastName: '',
		customerId: 0,
		appUserId: null,
		company: OWN_COMPANY,
	};
}
